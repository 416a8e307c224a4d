-- Versions of the months that were summed just now. Grain: month.
-- inputs names the loads that hold rows of the month and the map that classed them.
INSERT INTO spend.months (month, version, inputs, code, summed_at)
WITH sums AS (
    SELECT month, {version} AS version
    FROM spend.monthly
    WHERE month >= $first_day AND month < $after_day AND class_id IS NOT NULL
    GROUP BY month
),
loads AS (
    SELECT month, string_agg(load_id, ',' ORDER BY load_id) AS load_ids
    FROM (SELECT load_id, unnest(months_touched) AS month FROM raw.loads WHERE status IN ('pending', 'published'))
    GROUP BY month
)
SELECT
    stale.month,
    coalesce(sums.version, 'empty'),
    left(md5(concat_ws('|', loads.load_ids, (
        SELECT md5(string_agg(concat_ws(',', source_code, class_id, kind), ';' ORDER BY source_code)) FROM ref.source_codes
    ))), 16),
    $code,
    now()
FROM stale
LEFT JOIN sums USING (month)
LEFT JOIN loads USING (month)
