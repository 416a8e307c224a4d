-- Subjects that no longer have the version that they had. Grain: suite x subject.
DELETE FROM ops.gates
WHERE suite = $suite
    AND list_contains($subjects::VARCHAR[], subject)
    AND version IS DISTINCT FROM ($versions::VARCHAR[])[list_position($subjects::VARCHAR[], subject)]
