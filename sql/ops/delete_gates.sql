-- Grain: suite x subject.
DELETE FROM ops.gates WHERE suite = $suite AND list_contains($subjects::VARCHAR[], subject)
