-- Whether maintenance is overdue where it would matter: it has not succeeded for 8 days (its schedule and a day), and
-- files or snapshots are more than a maintained warehouse has. Grain: one row or none.
WITH size AS (
    SELECT
        (SELECT count(*) FROM __ducklake_metadata_lake.ducklake_snapshot) AS snapshots,
        (SELECT count(*) FROM __ducklake_metadata_lake.ducklake_data_file) AS files
),
newest AS (
    SELECT max(finished_at) AS finished_at FROM ops.runs WHERE flow = 'maintain' AND status = 'succeeded'
)
SELECT
    'last ' || coalesce(strftime(timezone($zone, finished_at), '%Y-%m-%d %H:%M ') || $zone, 'never'),
    format('{:,} data files, {:,} snapshots', files, snapshots)
FROM size
CROSS JOIN newest
WHERE (files > $most_files OR snapshots > $most_snapshots)
    AND (finished_at IS NULL OR finished_at < $now::TIMESTAMPTZ - INTERVAL 8 DAY)
