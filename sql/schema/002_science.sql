-- Features, models and segments. PII: none, customers are keys.

CREATE SCHEMA features;
CREATE TABLE features.inputs (
    as_of DATE, window_name VARCHAR, customer_key INTEGER, active_steps TINYINT, input_hash UBIGINT, model_version VARCHAR
);
ALTER TABLE features.inputs SET PARTITIONED BY (as_of, window_name);
COMMENT ON TABLE features.inputs IS 'What each customer''s features were made from; grain: as_of x window x customer';
COMMENT ON COLUMN features.inputs.input_hash IS 'Changes when any amount of the window does; unchanged customers are not traced again';

CREATE TABLE features.personality (
    as_of DATE, window_name VARCHAR, customer_key INTEGER, step TINYINT,
    score_o DOUBLE, score_c DOUBLE, score_e DOUBLE, score_a DOUBLE, score_n DOUBLE,
    membership_o DOUBLE, membership_c DOUBLE, membership_e DOUBLE, membership_a DOUBLE, membership_n DOUBLE,
    dominant VARCHAR, total DOUBLE, coverage DOUBLE, model_version VARCHAR
);
ALTER TABLE features.personality SET PARTITIONED BY (as_of, window_name);
COMMENT ON TABLE features.personality IS 'Big-Five spending scores of each step with spend; grain: as_of x window x customer x step';
COMMENT ON COLUMN features.personality.score_o IS 'Openness: shares times coefficients; an index of spending, not a diagnosis';
COMMENT ON COLUMN features.personality.membership_o IS 'Fuzzy membership in openness, 0 to 1; 0.5 is the average training customer';
COMMENT ON COLUMN features.personality.dominant IS 'Trait of the highest membership: O, C, E, A or N';
COMMENT ON COLUMN features.personality.total IS 'Classified spending of the step, units of currency';
COMMENT ON COLUMN features.personality.coverage IS 'Part of it in classes that carry a coefficient, 0 to 1';

CREATE TABLE features.trajectories (
    as_of DATE, window_name VARCHAR, customer_key INTEGER, step TINYINT, h1 DOUBLE, h2 DOUBLE, h3 DOUBLE,
    output_o DOUBLE, output_c DOUBLE, output_e DOUBLE, output_a DOUBLE, output_n DOUBLE, model_version VARCHAR
);
ALTER TABLE features.trajectories SET PARTITIONED BY (as_of, window_name);
COMMENT ON TABLE features.trajectories IS 'Hidden states of the LSTM after each step; grain: as_of x window x customer x step';
COMMENT ON COLUMN features.trajectories.h1 IS 'First hidden state, -1 to 1; a masked step repeats the state before it';
COMMENT ON COLUMN features.trajectories.output_o IS 'The network''s fuzzy membership in openness, 0 to 1';

CREATE TABLE features.angles (
    as_of DATE, window_name VARCHAR, customer_key INTEGER, azimuth DOUBLE, polar DOUBLE, radius DOUBLE,
    determined BOOLEAN, model_version VARCHAR
);
ALTER TABLE features.angles SET PARTITIONED BY (as_of, window_name);
COMMENT ON TABLE features.angles IS 'Direction of the newest state in the model''s frame; grain: as_of x window x customer';
COMMENT ON COLUMN features.angles.azimuth IS 'Radians, -pi to pi; wraps';
COMMENT ON COLUMN features.angles.polar IS 'Radians, 0 to pi';
COMMENT ON COLUMN features.angles.radius IS 'Length of the state; short means undecided';
COMMENT ON COLUMN features.angles.determined IS 'false: too close to the origin to have a direction';

CREATE TABLE features.reasons (
    as_of DATE, window_name VARCHAR, customer_key INTEGER, rank TINYINT, class_id SMALLINT, contribution DOUBLE,
    direction VARCHAR, model_version VARCHAR
);
ALTER TABLE features.reasons SET PARTITIONED BY (as_of, window_name);
COMMENT ON TABLE features.reasons IS 'Classes that put a customer into the segment; grain: as_of x window x customer x rank';
COMMENT ON COLUMN features.reasons.contribution IS 'Logit points towards the dominant trait rather than the runner-up';
COMMENT ON COLUMN features.reasons.direction IS 'for or against the dominant trait';

CREATE TABLE features.explanations (
    as_of DATE, window_name VARCHAR, customer_key INTEGER, dominant VARCHAR, runner_up VARCHAR, lead DOUBLE,
    explained DOUBLE, intercept DOUBLE, residual DOUBLE, weak BOOLEAN, model_version VARCHAR
);
ALTER TABLE features.explanations SET PARTITIONED BY (as_of, window_name);
COMMENT ON TABLE features.explanations IS 'lead = explained + intercept + residual, in logit points; grain: as_of x window x customer';
COMMENT ON COLUMN features.explanations.explained IS 'Sum of the contributions of all classes';
COMMENT ON COLUMN features.explanations.weak IS 'true: the residual outweighs what the classes explain';

CREATE SCHEMA models;
CREATE TABLE models.versions (
    model_version VARCHAR, alias VARCHAR, reference VARCHAR, reference_hash VARCHAR, window_name VARCHAR, as_of DATE,
    weights BLOB, weights_sha256 VARCHAR, arrays JSON, parameters JSON, customers INTEGER, customers_hash VARCHAR,
    parent_version VARCHAR, run_id VARCHAR, created_at TIMESTAMPTZ
);
COMMENT ON TABLE models.versions IS 'Trained networks, the weights themselves included; grain: model';
COMMENT ON COLUMN models.versions.alias IS 'champion: the one in use; challenger: waits for a person; else null';
COMMENT ON COLUMN models.versions.arrays IS 'Scaling, frame, surrogate and population mean; nothing is refitted when scoring';
COMMENT ON COLUMN models.versions.customers_hash IS 'SHA-256 of the training customers'' keys';
CREATE TABLE models.metrics (model_version VARCHAR, metric VARCHAR, value DOUBLE);
COMMENT ON TABLE models.metrics IS 'Figures on customers that the training did not see; grain: model x metric';
CREATE TABLE models.attractors (
    model_version VARCHAR, input VARCHAR, h1 DOUBLE, h2 DOUBLE, h3 DOUBLE, stable BOOLEAN, spectral_radius DOUBLE,
    residual DOUBLE, index_sum INTEGER, segment VARCHAR
);
COMMENT ON TABLE models.attractors IS 'Fixed points of the network; grain: model x input x fixed point';
COMMENT ON COLUMN models.attractors.input IS 'population mean, or the prototype of a trait';

CREATE SCHEMA segments;
CREATE TABLE segments.by_date (
    as_of DATE, customer_key INTEGER, segment VARCHAR, depth TINYINT, segment_1 VARCHAR, segment_2 VARCHAR,
    segment_3 VARCHAR, segment_4 VARCHAR, margin DOUBLE, neighbour VARCHAR, window_name VARCHAR, model_version VARCHAR
);
ALTER TABLE segments.by_date SET PARTITIONED BY (as_of);
COMMENT ON TABLE segments.by_date IS 'Segment of every customer at every business date; grain: as_of x customer';
CREATE TABLE segments.current (
    customer_key INTEGER, segment VARCHAR, depth TINYINT, segment_1 VARCHAR, segment_2 VARCHAR, segment_3 VARCHAR,
    segment_4 VARCHAR, margin DOUBLE, neighbour VARCHAR, window_name VARCHAR, as_of DATE, model_version VARCHAR,
    published_at TIMESTAMPTZ
);
COMMENT ON TABLE segments.current IS 'Newest published segments; never moves to an older date; grain: customer';
COMMENT ON COLUMN segments.current.segment IS 'Order of traits such as E.A.O, at the published depth; or insufficient_data, undetermined';
COMMENT ON COLUMN segments.current.depth IS 'Number of traits in segment; small segments are published at their parent''s depth';
COMMENT ON COLUMN segments.current.margin IS 'Radians to the nearest boundary of the segment; small means the customer could turn';
COMMENT ON COLUMN segments.current.neighbour IS 'Segment on the other side of that boundary';

CREATE TABLE segments.summary (
    as_of DATE, segment VARCHAR, depth TINYINT, customers INTEGER, part DOUBLE, mean_margin DOUBLE,
    output_o DOUBLE, output_c DOUBLE, output_e DOUBLE, output_a DOUBLE, output_n DOUBLE, top_classes VARCHAR,
    model_version VARCHAR
);
COMMENT ON TABLE segments.summary IS 'Size and character of each published segment; grain: as_of x segment';
COMMENT ON COLUMN segments.summary.top_classes IS 'Classes whose mean share exceeds the population''s most';

CREATE VIEW segments.dates AS
SELECT as_of, lag(as_of) OVER (ORDER BY as_of) AS previous FROM (SELECT DISTINCT as_of FROM segments.summary);
COMMENT ON VIEW segments.dates IS 'Published dates, each with the one before it';
CREATE VIEW segments.transitions AS
SELECT
    dates.as_of, dates.previous,
    coalesce(earlier.segment, 'new') AS from_segment, later.segment AS to_segment, count(*) AS customers
FROM segments.dates AS dates
JOIN segments.by_date AS later ON later.as_of = dates.as_of
LEFT JOIN segments.by_date AS earlier
    ON earlier.as_of = dates.previous AND earlier.customer_key = later.customer_key
GROUP BY ALL;
COMMENT ON VIEW segments.transitions IS 'Moves since the date published before; grain: as_of x from x to';
CREATE VIEW segments.history AS
SELECT
    customer_key, segment, min(as_of) AS valid_from,
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
GROUP BY customer_key, segment, spell;
COMMENT ON VIEW segments.history IS 'Spells in a segment; valid_to is exclusive and null for the newest; grain: customer x spell';
