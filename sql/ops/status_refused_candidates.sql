-- Dates whose candidate a gate refused; readers keep the release before it. Grain: date.
SELECT as_of::VARCHAR, 'model ' || model_version || ', refused: ' || coalesce(left(reason, 200), '')
FROM candidates.dates
WHERE state = 'refused'
ORDER BY as_of
