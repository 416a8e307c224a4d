-- What units answer with: ids that are contested, and the rows of the batch that claim them. Grain: transaction id; row.
-- contested begins with the ids that leaving loads release, whoever else claims them.
CREATE OR REPLACE TEMP TABLE contested AS SELECT DISTINCT transaction_id FROM released;
CREATE OR REPLACE TEMP TABLE contested_ids (transaction_id VARCHAR);
CREATE OR REPLACE TEMP TABLE claiming AS FROM staged WHERE false
