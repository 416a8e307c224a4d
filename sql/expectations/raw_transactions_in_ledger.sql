-- One row when raw.transactions has more or fewer rows than the ledger accepted. Grain: warehouse.
-- Both are known without opening a data file: what no night reads any more is counted by every night.
SELECT held.amount
FROM (SELECT count(*) AS amount FROM raw.transactions) AS held
JOIN (SELECT coalesce(sum(rows_accepted), 0) AS amount FROM raw.loads_in_force) AS accepted
    ON held.amount != accepted.amount
