-- Name and version of the reference set of a model: the given version, or the active one. Grain: one row at most.
SELECT reference, reference_version FROM ref.versions WHERE reference_version = $version
UNION ALL
SELECT reference, reference_version FROM ref.sets WHERE $version = ''
LIMIT 1
