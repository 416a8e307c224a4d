-- Rows inside of the catalog that no snapshot has any more: DuckLake forgets files, not these. Grain: row.
DELETE FROM {catalog}.{table}
WHERE end_snapshot IS NOT NULL AND NOT EXISTS (
    FROM {catalog}.ducklake_snapshot AS snapshot
    WHERE snapshot.snapshot_id >= {table}.begin_snapshot AND snapshot.snapshot_id < {table}.end_snapshot
)
