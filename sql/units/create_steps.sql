-- The steps of one window of one date, and the periods that they are. Grain: step.
CREATE TEMP TABLE steps AS
SELECT
    $as_of AS as_of, $window_name AS window_name,
    unnest($steps::TINYINT[]) AS step, unnest($periods::BIGINT[]) AS period_id
