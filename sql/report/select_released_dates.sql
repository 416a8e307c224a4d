-- Released dates up to $as_of. Grain: as_of.
SELECT as_of FROM segments.releases WHERE as_of <= $as_of ORDER BY as_of
