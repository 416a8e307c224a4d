-- What a row counts as. An unknown code is kept, unclassified; money in under a spending code is a refund.
CREATE OR REPLACE TEMP MACRO row_kind(code_kind, amount) AS
    CASE
        WHEN code_kind IS NULL THEN 'unclassified'
        WHEN code_kind IN ('spend', 'fee') AND amount < 0 THEN 'refund'
        ELSE code_kind
    END
