-- When a snapshot was taken; no row where the catalog has another history.
SELECT snapshot_time::VARCHAR FROM {catalog}.ducklake_snapshot WHERE snapshot_id = {snapshot_id};
