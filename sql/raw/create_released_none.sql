-- Nothing is released by a source that replaces no earlier version.
CREATE OR REPLACE TEMP TABLE released (transaction_id VARCHAR)
