"""The report: one page for each release, and one for a customer that is looked up."""
