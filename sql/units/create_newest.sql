-- The states that the newest step of one window of one date has. Grain: one row.
CREATE TEMP TABLE newest AS
SELECT $as_of AS as_of, $window_name AS window_name, 6::TINYINT AS step, $states_id AS states_id
