"""A simulated bank as files in the contract of the reference set ``bank``."""
