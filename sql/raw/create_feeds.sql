-- Loads whose feed is not the one that names them now; $sources and $feeds are pairs. Grain: load.
-- A replay that corrected rows of one feed alone belongs to it.
CREATE OR REPLACE TEMP TABLE feeds AS
WITH named AS (
    SELECT unnest($sources::VARCHAR[]) AS source, unnest($feeds::VARCHAR[]) AS feed
),
wanted AS (
    SELECT loads.load_id, loads.feed AS held, coalesce(named.feed, loads.feed) AS feed
    FROM raw.loads AS loads
    LEFT JOIN named ON named.source = loads.source
),
corrected AS (
    SELECT rejected.replayed_load_id AS load_id, any_value(wanted.feed) AS feed
    FROM raw.rejected AS rejected
    JOIN wanted ON wanted.load_id = rejected.load_id
    WHERE rejected.replayed_load_id IS NOT NULL
    GROUP BY rejected.replayed_load_id
    HAVING count(DISTINCT wanted.feed) = 1
)
SELECT wanted.load_id, coalesce(corrected.feed, wanted.feed) AS feed
FROM wanted
LEFT JOIN corrected ON corrected.load_id = wanted.load_id
WHERE coalesce(corrected.feed, wanted.feed) IS DISTINCT FROM wanted.held
