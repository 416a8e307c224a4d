-- What customers, months and the ledger need to know of the batch's rows, which lie in files. Grain: as they were told.
CREATE OR REPLACE TEMP VIEW batch_customers AS FROM staged_customers SEMI JOIN batch USING (source_number);
CREATE OR REPLACE TEMP VIEW batch_days AS FROM staged_days SEMI JOIN batch USING (source_number);
CREATE OR REPLACE TEMP VIEW batch_codes AS FROM staged_codes SEMI JOIN batch USING (source_number)
