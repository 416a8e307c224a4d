-- Windows that more than one version of the model speaks of. Grain: window.
SELECT window_name FROM batch GROUP BY window_name HAVING count(DISTINCT model_version) > 1
