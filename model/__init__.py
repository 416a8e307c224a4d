"""The science as pure functions on arrays: no files, no database, no settings."""
