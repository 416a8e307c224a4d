import shutil
from pathlib import Path

import pytest

from expectations.verdict import Outcome, Verdict, enforce, record
from tests.expectations.lake import AS_OF
from warehouse.connection import connect, in_transaction
from warehouse.errors import GateError
from warehouse.settings import Settings

FAILED = Outcome("s", "spend.monthly", "between", "amount", "critical", "failed", "3 of 9 rows (33.33%)", 3)
ERROR = Outcome("s", "spend.monthly", "unique", None, "warning", "error", "Binder Error: no column", None)
WARNING = Outcome("s", "spend.monthly", "in_set", "kind", "warning", "failed", "1 of 9 rows (11.11%)", 1)
PASSED = Outcome("s", "spend.monthly", "not_null", "kind", "critical", "passed", "0 of 9 rows (0.00%)", 0)


def verdict(*outcomes: Outcome) -> Verdict:
    return Verdict("s", "spend.monthly", outcomes)


def test_a_closed_gate_names_each_reason_in_one_line() -> None:
    with pytest.raises(GateError) as caught:
        enforce(verdict(PASSED, FAILED, WARNING, ERROR))
    assert str(caught.value).splitlines() == [
        "gate s is closed, nothing was published:",
        "  spend.monthly: between (amount) failed: 3 of 9 rows (33.33%); failing rows: 3",
        "  spend.monthly: unique error: Binder Error: no column",
    ]


def test_warnings_leave_the_gate_open() -> None:
    enforce(verdict(PASSED, WARNING))
    assert verdict(PASSED, WARNING).warnings == (WARNING,)


@pytest.mark.parametrize(("outcome", "open_gate"), [(PASSED, True), (WARNING, True), (FAILED, False), (ERROR, False)])
def test_errors_and_critical_failures_close_the_gate(outcome: Outcome, open_gate: bool) -> None:
    assert verdict(PASSED, outcome).passed is open_gate


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, migrated_home: Path) -> Settings:
    return Settings(home=Path(shutil.copytree(migrated_home, tmp_path_factory.mktemp("verdict") / "home")))


def written(settings: Settings, found: Verdict, run_id: str) -> None:
    with connect(settings) as connection:
        in_transaction(connection, lambda: record(connection, found, run_id, AS_OF))


@pytest.mark.warehouse
def test_recording_again_replaces_the_suite_of_the_run_alone(settings: Settings) -> None:
    written(settings, Verdict("other", "t", (PASSED,)), "run 1")
    written(settings, verdict(FAILED, ERROR, WARNING), "run 1")
    written(settings, verdict(PASSED), "run 2")
    written(settings, verdict(FAILED, ERROR), "run 1")
    with connect(settings, read_only=True) as connection:
        columns = (
            "run_id, suite, as_of, table_name, expectation, column_name, severity, outcome, observed, unexpected_count"
        )
        rows = connection.execute(
            f"SELECT {columns} FROM ops.validations WHERE run_id = 'run 1' ORDER BY ALL"
        ).fetchall()
        (total,) = connection.execute("SELECT count(*) FROM ops.validations").fetchone() or (0,)
    assert total == 4
    assert rows[1:] == [
        ("run 1", "s", AS_OF, "spend.monthly", "between", "amount", "critical", "failed", FAILED.observed, 3),
        ("run 1", "s", AS_OF, "spend.monthly", "unique", None, "warning", "error", ERROR.observed, None),
    ]
