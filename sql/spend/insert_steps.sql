-- The steps of one date. Grain: window x step.
INSERT INTO {table} BY NAME
SELECT
    $as_of AS as_of,
    unnest($windows::VARCHAR[]) AS window_name,
    unnest($steps::TINYINT[]) AS step,
    unnest($starts::DATE[]) AS period_start,
    unnest($ends::DATE[]) AS period_end,
    unnest($period_ids::BIGINT[]) AS period_id{more}
