"""A simulated bank's people and their spending, as pure functions on arrays."""
