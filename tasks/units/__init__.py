"""Units of work: parts of a stage that any machine can do, from files to files."""
