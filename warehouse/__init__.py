"""The warehouse: connection, schema, settings, reference data, exports and erasure."""
