-- Subjects that do not have this version yet: one that passes again leaves no row to be merged. Grain: suite x subject.
INSERT INTO ops.gates (suite, subject, version, run_id, passed_at)
SELECT $suite, told.subject, told.version, $run_id, now()
FROM (SELECT unnest($subjects::VARCHAR[]) AS subject, unnest($versions::VARCHAR[]) AS version) AS told
ANTI JOIN (FROM ops.gates WHERE suite = $suite) AS held USING (subject, version)
