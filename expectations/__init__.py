"""Great Expectations suites, one file a table, and the one engine that runs them."""
