-- Grain: suite x subject.
INSERT INTO ops.gates (suite, subject, version, run_id, passed_at)
SELECT $suite, unnest($subjects::VARCHAR[]), unnest($versions::VARCHAR[]), $run_id, now()
