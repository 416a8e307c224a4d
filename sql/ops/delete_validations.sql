-- A suite that is run again within a run replaces its verdict. Grain: run x suite.
DELETE FROM ops.validations WHERE run_id = $run_id AND suite = $suite
