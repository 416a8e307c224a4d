-- The candidate's periods become those in force. Grain: as_of x window x customer x step x class.
INSERT INTO spend.by_period BY NAME
SELECT * EXCLUDE (reference_version)
FROM candidates.by_period
WHERE as_of = $as_of AND reference_version = $reference_version
