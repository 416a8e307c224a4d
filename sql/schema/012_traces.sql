-- What the model says of each step, written once for all business dates that have the step in common. PII: none.

CREATE SCHEMA traces;
CREATE TABLE traces.scores (
    scores_id BIGINT, customer_key INTEGER,
    score_o DOUBLE, score_c DOUBLE, score_e DOUBLE, score_a DOUBLE, score_n DOUBLE,
    membership_o DOUBLE, membership_c DOUBLE, membership_e DOUBLE, membership_a DOUBLE, membership_n DOUBLE,
    dominant VARCHAR, total DOUBLE, coverage DOUBLE
);
CREATE TABLE traces.states (
    states_id BIGINT, customer_key INTEGER, h1 DOUBLE, h2 DOUBLE, h3 DOUBLE,
    output_o DOUBLE, output_c DOUBLE, output_e DOUBLE, output_a DOUBLE, output_n DOUBLE
);
CREATE TABLE traces.angles (
    states_id BIGINT, customer_key INTEGER, azimuth DOUBLE, polar DOUBLE, radius DOUBLE, determined BOOLEAN
);
CREATE TABLE traces.reasons (
    states_id BIGINT, customer_key INTEGER, rank TINYINT, class_id SMALLINT, contribution DOUBLE, direction VARCHAR
);
CREATE TABLE traces.explanations (
    states_id BIGINT, customer_key INTEGER, dominant VARCHAR, runner_up VARCHAR, lead DOUBLE, explained DOUBLE,
    intercept DOUBLE, residual DOUBLE, weak BOOLEAN
);
COMMENT ON TABLE traces.scores IS 'Rows of features.personality by step, released or waiting; grain: scores x customer with spend';
COMMENT ON COLUMN traces.scores.scores_id IS 'Hash of the period, of the model whose scaling the memberships have, and of the code';
COMMENT ON TABLE traces.states IS 'Rows of features.trajectories by step, released or waiting; grain: states x customer with spend by then';
COMMENT ON COLUMN traces.states.states_id IS 'Hash of the periods from the first step on, of the model and of the code';
COMMENT ON TABLE traces.angles IS 'Rows of features.angles, released or waiting; grain: states of a newest step x customer';
COMMENT ON TABLE traces.reasons IS 'Rows of features.reasons, released or waiting; grain: states of a newest step x customer x rank';
COMMENT ON TABLE traces.explanations IS 'Rows of features.explanations, released or waiting; grain: states of a newest step x customer';

CREATE TABLE features.traced (
    as_of DATE, window_name VARCHAR, step TINYINT, scores_id BIGINT, states_id BIGINT,
    rest_o DOUBLE, rest_c DOUBLE, rest_e DOUBLE, rest_a DOUBLE, rest_n DOUBLE, model_version VARCHAR
);
COMMENT ON TABLE features.traced IS 'The scores and states that each step of a business date has; grain: as_of x window x step';
COMMENT ON COLUMN features.traced.rest_o IS 'The network''s membership in openness of a customer who has spent nothing yet';
CREATE TABLE candidates.traced AS FROM features.traced LIMIT 0;
COMMENT ON TABLE candidates.traced IS 'Rows of features.traced that wait for the gates; grain: that of features.traced';

-- What was made for each date as a whole stays as it was published: its rows have ids of their own, and a file for each.
ALTER TABLE traces.scores SET PARTITIONED BY (scores_id);
ALTER TABLE traces.states SET PARTITIONED BY (states_id);
ALTER TABLE traces.angles SET PARTITIONED BY (states_id);
ALTER TABLE traces.reasons SET PARTITIONED BY (states_id);
ALTER TABLE traces.explanations SET PARTITIONED BY (states_id);
INSERT INTO traces.scores
SELECT
    (hash(as_of, window_name, step) >> 1)::BIGINT AS scores_id,
    customer_key, score_o, score_c, score_e, score_a, score_n, membership_o, membership_c, membership_e,
    membership_a, membership_n, dominant, total, coverage
FROM features.personality
ORDER BY scores_id, customer_key;
INSERT INTO traces.states
SELECT
    (hash(as_of, window_name, step) >> 1)::BIGINT AS states_id,
    customer_key, h1, h2, h3, output_o, output_c, output_e, output_a, output_n
FROM features.trajectories
ORDER BY states_id, customer_key;
INSERT INTO traces.angles
SELECT
    (hash(as_of, window_name, 6::TINYINT) >> 1)::BIGINT AS states_id,
    customer_key, azimuth, polar, radius, determined
FROM features.angles
ORDER BY states_id, customer_key;
INSERT INTO traces.reasons
SELECT
    (hash(as_of, window_name, 6::TINYINT) >> 1)::BIGINT AS states_id,
    customer_key, rank, class_id, contribution, direction
FROM features.reasons
ORDER BY states_id, customer_key, rank;
INSERT INTO traces.explanations
SELECT
    (hash(as_of, window_name, 6::TINYINT) >> 1)::BIGINT AS states_id,
    customer_key, dominant, runner_up, lead, explained, intercept, residual, weak
FROM features.explanations
ORDER BY states_id, customer_key;
ALTER TABLE traces.scores RESET PARTITIONED BY;
ALTER TABLE traces.states RESET PARTITIONED BY;
ALTER TABLE traces.angles RESET PARTITIONED BY;
ALTER TABLE traces.reasons RESET PARTITIONED BY;
ALTER TABLE traces.explanations RESET PARTITIONED BY;
INSERT INTO features.traced (as_of, window_name, step, scores_id, states_id, model_version)
SELECT DISTINCT
    as_of, window_name, step, (hash(as_of, window_name, step) >> 1)::BIGINT, (hash(as_of, window_name, step) >> 1)::BIGINT, model_version
FROM features.trajectories
ORDER BY ALL;

-- Candidates are made again by the next run.
DELETE FROM candidates.dates;
DELETE FROM candidates.inputs;
DELETE FROM candidates.by_date;
DELETE FROM candidates.summary;
DROP TABLE features.personality;
DROP TABLE candidates.personality;
DROP TABLE features.trajectories;
DROP TABLE candidates.trajectories;
DROP TABLE features.angles;
DROP TABLE candidates.angles;
DROP TABLE features.reasons;
DROP TABLE candidates.reasons;
DROP TABLE features.explanations;
DROP TABLE candidates.explanations;

ALTER TABLE features.inputs ADD COLUMN first_step TINYINT;
ALTER TABLE candidates.inputs ADD COLUMN first_step TINYINT;
COMMENT ON COLUMN features.inputs.first_step IS 'First step with spend; null where an earlier version of microseg made the date';
COMMENT ON COLUMN features.inputs.input_hash IS 'Changes when any amount of the window does';

CREATE VIEW features.personality AS
SELECT
    traced.as_of, traced.window_name, held.customer_key, traced.step, held.score_o, held.score_c, held.score_e,
    held.score_a, held.score_n, held.membership_o, held.membership_c, held.membership_e, held.membership_a,
    held.membership_n, held.dominant, held.total, held.coverage, traced.model_version
FROM features.traced AS traced
JOIN traces.scores AS held USING (scores_id);
COMMENT ON VIEW features.personality IS 'Big-Five spending scores of each step with spend: indices of spending, no diagnoses; membership 0 to 1, 0.5 is the average training customer; total in units of currency; coverage: part of it in classes with coefficients; grain: as_of x window x customer x step';
CREATE VIEW candidates.personality AS
SELECT
    traced.as_of, traced.window_name, held.customer_key, traced.step, held.score_o, held.score_c, held.score_e,
    held.score_a, held.score_n, held.membership_o, held.membership_c, held.membership_e, held.membership_a,
    held.membership_n, held.dominant, held.total, held.coverage, traced.model_version
FROM candidates.traced AS traced
JOIN traces.scores AS held USING (scores_id);
COMMENT ON VIEW candidates.personality IS 'features.personality of a date that waits for the gates; grain: that of features.personality';
CREATE VIEW features.trajectories AS
SELECT
    traced.as_of, traced.window_name, held.customer_key, traced.step, held.h1, held.h2, held.h3, held.output_o,
    held.output_c, held.output_e, held.output_a, held.output_n, traced.model_version
FROM features.traced AS traced
JOIN traces.states AS held USING (states_id)
UNION ALL -- customers before their first spend, who have no states of their own
SELECT
    traced.as_of, traced.window_name, known.customer_key, traced.step, 0, 0, 0, traced.rest_o, traced.rest_c,
    traced.rest_e, traced.rest_a, traced.rest_n, traced.model_version
FROM features.traced AS traced
JOIN features.inputs AS known
    ON known.as_of = traced.as_of AND known.window_name = traced.window_name AND traced.step < known.first_step;
COMMENT ON VIEW features.trajectories IS 'Hidden states of the LSTM after each step, -1 to 1: a step without spend repeats the one before, zeros before the first; outputs: the network''s fuzzy memberships, 0 to 1; grain: as_of x window x customer x step';
CREATE VIEW candidates.trajectories AS
SELECT
    traced.as_of, traced.window_name, held.customer_key, traced.step, held.h1, held.h2, held.h3, held.output_o,
    held.output_c, held.output_e, held.output_a, held.output_n, traced.model_version
FROM candidates.traced AS traced
JOIN traces.states AS held USING (states_id)
UNION ALL -- customers before their first spend, who have no states of their own
SELECT
    traced.as_of, traced.window_name, known.customer_key, traced.step, 0, 0, 0, traced.rest_o, traced.rest_c,
    traced.rest_e, traced.rest_a, traced.rest_n, traced.model_version
FROM candidates.traced AS traced
JOIN candidates.inputs AS known
    ON known.as_of = traced.as_of AND known.window_name = traced.window_name AND traced.step < known.first_step;
COMMENT ON VIEW candidates.trajectories IS 'features.trajectories of a date that waits for the gates; grain: that of features.trajectories';
CREATE VIEW features.angles AS
SELECT
    traced.as_of, traced.window_name, held.customer_key, held.azimuth, held.polar, held.radius, held.determined,
    traced.model_version
FROM features.traced AS traced
JOIN traces.angles AS held USING (states_id)
WHERE traced.step = 6;
COMMENT ON VIEW features.angles IS 'Direction of the newest state in the model''s frame: azimuth -pi to pi, polar 0 to pi, in radians; radius: length of the state, short means undecided; grain: as_of x window x customer';
CREATE VIEW candidates.angles AS
SELECT
    traced.as_of, traced.window_name, held.customer_key, held.azimuth, held.polar, held.radius, held.determined,
    traced.model_version
FROM candidates.traced AS traced
JOIN traces.angles AS held USING (states_id)
WHERE traced.step = 6;
COMMENT ON VIEW candidates.angles IS 'features.angles of a date that waits for the gates; grain: that of features.angles';
CREATE VIEW features.reasons AS
SELECT
    traced.as_of, traced.window_name, held.customer_key, held.rank, held.class_id, held.contribution, held.direction,
    traced.model_version
FROM features.traced AS traced
JOIN traces.reasons AS held USING (states_id)
WHERE traced.step = 6;
COMMENT ON VIEW features.reasons IS 'Classes that put a customer into the segment: logit points towards the dominant trait rather than the runner-up; grain: as_of x window x customer x rank';
CREATE VIEW candidates.reasons AS
SELECT
    traced.as_of, traced.window_name, held.customer_key, held.rank, held.class_id, held.contribution, held.direction,
    traced.model_version
FROM candidates.traced AS traced
JOIN traces.reasons AS held USING (states_id)
WHERE traced.step = 6;
COMMENT ON VIEW candidates.reasons IS 'features.reasons of a date that waits for the gates; grain: that of features.reasons';
CREATE VIEW features.explanations AS
SELECT
    traced.as_of, traced.window_name, held.customer_key, held.dominant, held.runner_up, held.lead, held.explained,
    held.intercept, held.residual, held.weak, traced.model_version
FROM features.traced AS traced
JOIN traces.explanations AS held USING (states_id)
WHERE traced.step = 6;
COMMENT ON VIEW features.explanations IS 'lead = explained + intercept + residual, in logit points; weak: the residual outweighs what the classes explain; grain: as_of x window x customer';
CREATE VIEW candidates.explanations AS
SELECT
    traced.as_of, traced.window_name, held.customer_key, held.dominant, held.runner_up, held.lead, held.explained,
    held.intercept, held.residual, held.weak, traced.model_version
FROM candidates.traced AS traced
JOIN traces.explanations AS held USING (states_id)
WHERE traced.step = 6;
COMMENT ON VIEW candidates.explanations IS 'features.explanations of a date that waits for the gates; grain: that of features.explanations';
