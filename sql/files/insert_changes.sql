-- What the snapshot changed, for whoever commits at the same time. Grain: one row.
INSERT INTO {catalog}.ducklake_snapshot_changes (snapshot_id, changes_made, commit_message)
VALUES ($newest + 1, $changes, 'damaged files taken out')
