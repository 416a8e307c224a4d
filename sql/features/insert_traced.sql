-- The scores and states of the steps of a date. Grain: as_of x window x step.
INSERT INTO candidates.traced BY NAME
SELECT
    $as_of AS as_of,
    $window_name AS window_name,
    unnest($steps::TINYINT[]) AS step,
    unnest($scores_ids::BIGINT[]) AS scores_id,
    unnest($states_ids::BIGINT[]) AS states_id,
    $rest[1] AS rest_o,
    $rest[2] AS rest_c,
    $rest[3] AS rest_e,
    $rest[4] AS rest_a,
    $rest[5] AS rest_n,
    $model_version AS model_version
