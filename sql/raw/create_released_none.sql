-- Nothing is released by sources that replace no earlier version.
CREATE OR REPLACE TEMP TABLE released (transaction_id VARCHAR, replaced VARCHAR)
