-- What is published, in views whose names and columns do not change: a change that breaks readers makes a view of the
-- next version beside it. What each column means is said by expectations/contracts/. PII: published_with_ids.customer_id.

-- The window is that of the model of the release: the other one is in features alone, or each customer would count twice.
CREATE VIEW segments.published AS
SELECT
    releases.as_of, model.window_name, releases.model_version, releases.reference_version,
    releases.released_at AS published_at
FROM segments.releases AS releases
JOIN models.versions AS model USING (model_version);
COMMENT ON VIEW segments.published IS 'Published dates, each with the window, the model and the reference version of its newest release; grain: as_of';

CREATE SCHEMA published;
CREATE VIEW published.segments_v1 AS
SELECT
    held.as_of, held.customer_key, held.segment, held.depth, held.segment_1, held.segment_2, held.segment_3,
    held.segment_4, held.margin, held.neighbour,
    release.window_name, release.model_version, release.reference_version, release.published_at
FROM segments.by_date AS held
JOIN segments.published AS release USING (as_of);
COMMENT ON VIEW published.segments_v1 IS 'Grain: as_of x customer';

CREATE VIEW published.segment_history_v1 AS
SELECT
    spell.as_of, spell.customer_key, spell.segment, spell.valid_from, spell.valid_to,
    release.window_name, release.model_version, release.reference_version, release.published_at
FROM (
    SELECT
        customer_key, segment, min(as_of) AS valid_from, max(as_of) AS as_of,
        CASE WHEN count(next_as_of) = count(*) THEN max(next_as_of) END AS valid_to
    FROM (
        SELECT
            *,
            count_if(changed) OVER (PARTITION BY customer_key ORDER BY as_of) AS spell
        FROM (
            SELECT
                customer_key, as_of, segment,
                lead(as_of) OVER story AS next_as_of,
                lag(segment) OVER story IS DISTINCT FROM segment AS changed
            FROM segments.by_date
            WINDOW story AS (PARTITION BY customer_key ORDER BY as_of)
        )
    )
    GROUP BY customer_key, segment, spell
) AS spell
JOIN segments.published AS release USING (as_of);
COMMENT ON VIEW published.segment_history_v1 IS 'Grain: customer x spell in a segment';

CREATE VIEW published.segment_summary_v1 AS
SELECT
    held.as_of, held.segment, held.depth, held.customers, held.part AS share, held.mean_margin, held.output_o,
    held.output_c, held.output_e, held.output_a, held.output_n, held.top_classes,
    release.window_name, release.model_version, release.reference_version, release.published_at
FROM segments.summary AS held
JOIN segments.published AS release USING (as_of);
COMMENT ON VIEW published.segment_summary_v1 IS 'Grain: as_of x segment';

CREATE VIEW published.segment_transitions_v1 AS
SELECT
    held.as_of, held.previous AS previous_as_of, held.from_segment, held.to_segment, held.customers,
    release.window_name, release.model_version, release.reference_version, release.published_at
FROM segments.transitions AS held
JOIN segments.published AS release USING (as_of);
COMMENT ON VIEW published.segment_transitions_v1 IS 'Grain: as_of x from x to';

-- A class is called what it was called in the reference version of the release.
CREATE VIEW published.reasons_v1 AS
SELECT
    held.as_of, held.customer_key, held.rank, held.class_id, coalesce(named.label, active.label) AS class_label,
    held.contribution, held.direction,
    release.window_name, release.model_version, release.reference_version, release.published_at
FROM features.reasons AS held
JOIN segments.published AS release USING (as_of, window_name)
LEFT JOIN ref.class_versions AS named
    ON named.reference_version = release.reference_version AND named.class_id = held.class_id
LEFT JOIN ref.classes AS active ON active.class_id = held.class_id;
COMMENT ON VIEW published.reasons_v1 IS 'Grain: as_of x customer x rank';

CREATE VIEW published.angles_v1 AS
SELECT
    held.as_of, held.customer_key, held.azimuth, held.polar, held.radius, held.determined,
    release.window_name, release.model_version, release.reference_version, release.published_at
FROM features.angles AS held
JOIN segments.published AS release USING (as_of, window_name);
COMMENT ON VIEW published.angles_v1 IS 'Grain: as_of x customer';

CREATE VIEW published.trajectories_v1 AS
SELECT
    held.as_of, held.customer_key, held.step, held.h1, held.h2, held.h3, held.output_o, held.output_c, held.output_e,
    held.output_a, held.output_n,
    release.window_name, release.model_version, release.reference_version, release.published_at
FROM features.trajectories AS held
JOIN segments.published AS release USING (as_of, window_name);
COMMENT ON VIEW published.trajectories_v1 IS 'Grain: as_of x customer x step';

CREATE VIEW published.personality_v1 AS
SELECT
    held.as_of, held.customer_key, held.step, held.score_o, held.score_c, held.score_e, held.score_a, held.score_n,
    held.membership_o, held.membership_c, held.membership_e, held.membership_a, held.membership_n, held.dominant,
    held.total AS spending, held.coverage,
    release.window_name, release.model_version, release.reference_version, release.published_at
FROM features.personality AS held
JOIN segments.published AS release USING (as_of, window_name);
COMMENT ON VIEW published.personality_v1 IS 'Grain: as_of x customer x step with spend';

-- The same with the bank's own identifier, in a schema of its own: its name tells what a reader is given.
CREATE SCHEMA published_with_ids;
CREATE VIEW published_with_ids.segments_v1 AS
SELECT held.as_of, held.customer_key, known.customer_id, held.* EXCLUDE (as_of, customer_key)
FROM published.segments_v1 AS held
JOIN raw.customers AS known USING (customer_key);
COMMENT ON VIEW published_with_ids.segments_v1 IS 'Grain: as_of x customer';
CREATE VIEW published_with_ids.segment_history_v1 AS
SELECT held.as_of, held.customer_key, known.customer_id, held.* EXCLUDE (as_of, customer_key)
FROM published.segment_history_v1 AS held
JOIN raw.customers AS known USING (customer_key);
COMMENT ON VIEW published_with_ids.segment_history_v1 IS 'Grain: customer x spell in a segment';
CREATE VIEW published_with_ids.reasons_v1 AS
SELECT held.as_of, held.customer_key, known.customer_id, held.* EXCLUDE (as_of, customer_key)
FROM published.reasons_v1 AS held
JOIN raw.customers AS known USING (customer_key);
COMMENT ON VIEW published_with_ids.reasons_v1 IS 'Grain: as_of x customer x rank';
CREATE VIEW published_with_ids.angles_v1 AS
SELECT held.as_of, held.customer_key, known.customer_id, held.* EXCLUDE (as_of, customer_key)
FROM published.angles_v1 AS held
JOIN raw.customers AS known USING (customer_key);
COMMENT ON VIEW published_with_ids.angles_v1 IS 'Grain: as_of x customer';
CREATE VIEW published_with_ids.trajectories_v1 AS
SELECT held.as_of, held.customer_key, known.customer_id, held.* EXCLUDE (as_of, customer_key)
FROM published.trajectories_v1 AS held
JOIN raw.customers AS known USING (customer_key);
COMMENT ON VIEW published_with_ids.trajectories_v1 IS 'Grain: as_of x customer x step';
CREATE VIEW published_with_ids.personality_v1 AS
SELECT held.as_of, held.customer_key, known.customer_id, held.* EXCLUDE (as_of, customer_key)
FROM published.personality_v1 AS held
JOIN raw.customers AS known USING (customer_key);
COMMENT ON VIEW published_with_ids.personality_v1 IS 'Grain: as_of x customer x step with spend';
