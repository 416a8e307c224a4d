-- Snapshots that are old enough to be forgotten; the newest never is. Grain: snapshot.
-- Compared as points in time: in SQLite the catalog holds them as text, and DuckLake's own older_than compares text.
SELECT snapshot_id
FROM {catalog}.ducklake_snapshot
WHERE snapshot_time::TIMESTAMPTZ < $now::TIMESTAMPTZ - to_days($keep_days::INTEGER)
    AND snapshot_id < (SELECT max(snapshot_id) FROM {catalog}.ducklake_snapshot)
ORDER BY snapshot_id
