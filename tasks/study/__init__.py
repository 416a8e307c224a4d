"""The comparison with the paper."""
