"""What has passed a gate is remembered with its version: changed rows, and a changed suite, are looked at again."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from expectations import spend_monthly
from expectations.suite import Suite
from expectations.verdict import Outcome, Verdict
from tasks.operation.validate import Gate, history_gates, pass_gates, spending_gates
from tasks.spending.aggregate import refresh_monthly
from tasks.spending.periods import refresh_by_period
from tasks.stages.spending import validate_history
from tests.tasks.builders import Bank, copy_bank, row, write_csv
from warehouse.connection import connect, in_transaction
from warehouse.errors import GateError
from warehouse.settings import Settings

pytestmark = pytest.mark.warehouse
JUNE = date(2024, 6, 30)


@pytest.fixture(scope="module")
def summed(template: Bank, tmp_path_factory: pytest.TempPathFactory) -> Bank:
    root = tmp_path_factory.mktemp("summed")
    bank = copy_bank(template, root / "home")
    bank.ingest(write_csv(root / "first.csv", [row(n, booked_at=f"2024-0{n}-05") for n in (4, 5, 6)]))
    bank.aggregate(JUNE)
    return bank


@pytest.fixture
def bank(summed: Bank, tmp_path: Path) -> Bank:
    return copy_bank(summed, tmp_path / "home")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The suites that were evaluated; each of them passes."""
    names: list[str] = []

    def passing(_settings: Settings, suite: Suite, *_: object) -> Verdict:
        names.append(suite.name)
        return Verdict(suite.name, suite.table, ())

    monkeypatch.setattr("tasks.operation.validate.validate", passing)
    return names


def night(bank: Bank, run_id: str = "run") -> dict[str, list[str]]:
    """Pass the gates of spending; what each of them had to look at."""
    gates = spending_gates(bank.settings, bank.reference, JUNE, JUNE)
    pass_gates(bank.settings, gates, JUNE, run_id)
    return {gate.suite.name: subjects(gate) for gate in gates}


def subjects(gate: Gate) -> list[str]:
    """What a gate looks at; of the periods, whose ids say nothing, how many there are."""
    numbers = [subject for subject in gate.subjects if subject.isdecimal()]
    return sorted({*gate.subjects} - {*numbers}) + [f"{len(numbers)} periods"] * bool(numbers)


ALL = {
    "raw_transactions": ["2024-04", "2024-05", "2024-06", "ledger"],
    "spend_monthly": ["2024-04", "2024-05", "2024-06"],
    "spend_by_period": ["2024-06-30", "12 periods"],
}
NOTHING: dict[str, list[str]] = {name: [] for name in ALL}


def test_what_passed_is_not_looked_at_again(bank: Bank, asked: list[str]) -> None:
    assert night(bank) == ALL
    assert asked == list(ALL)
    assert night(bank) == NOTHING
    assert asked == list(ALL)


def test_a_late_row_brings_its_month_and_the_ledger_back(bank: Bank, asked: list[str], tmp_path: Path) -> None:
    night(bank)
    bank.ingest(write_csv(tmp_path / "late.csv", [row("late", booked_at="2024-05-20")]))
    bank.aggregate(JUNE)
    assert night(bank) == {
        "raw_transactions": ["2024-05", "ledger"],
        "spend_monthly": ["2024-05"],
        "spend_by_period": ["2024-06-30", "2 periods"],  # of each window the step with May
    }


def test_a_changed_suite_looks_at_everything_again(
    bank: Bank, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    night(bank)
    suite = spend_monthly.suite

    def tightened(*months: Any, **named: Any) -> Suite:
        made = suite(*months, **named)
        return replace(made, expectations=made.expectations[1:])

    monkeypatch.setattr(spend_monthly, "suite", tightened)
    assert night(bank) == NOTHING | {"spend_monthly": ALL["spend_monthly"]}


def test_rows_that_come_while_a_gate_looks_are_looked_at_by_the_next(
    bank: Bank, asked: list[str], tmp_path: Path
) -> None:
    gates = spending_gates(bank.settings, bank.reference, JUNE, JUNE)
    bank.ingest(write_csv(tmp_path / "replayed.csv", [row("meanwhile", booked_at="2024-05-20")]))
    refresh_monthly(bank.settings)
    pass_gates(bank.settings, gates, JUNE, "run")
    assert night(bank)["spend_monthly"] == ["2024-05"]


def test_a_closed_gate_is_asked_again(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    fault = Outcome("spend_monthly", "spend.monthly", "unique", None, "critical", "failed", "1 of 3 rows", 1)

    def failing(_settings: Settings, suite: Suite, *_: object) -> Verdict:
        return Verdict(suite.name, suite.table, (fault,) if suite.name == "spend_monthly" else ())

    with monkeypatch.context() as patch:
        patch.setattr("tasks.operation.validate.validate", failing)
        with pytest.raises(GateError, match="gate spend_monthly is closed"):
            night(bank)
    refresh_by_period(bank.settings, JUNE, "run")
    waiting = {g.suite.name: subjects(g) for g in spending_gates(bank.settings, bank.reference, JUNE, JUNE)}
    assert waiting == ALL | {"raw_transactions": []}


def history(bank: Bank) -> None:
    """What the weekly maintenance asks."""
    pass_gates(bank.settings, history_gates(bank.settings, bank.reference, JUNE), JUNE, "maintenance")


def behind_the_gates(bank: Bank, statement: str) -> None:
    with connect(bank.settings) as connection:
        in_transaction(connection, lambda: connection.execute(statement))


def test_a_maintenance_looks_at_all_months_but_those_that_wait_to_be_summed(bank: Bank, asked: list[str]) -> None:
    night(bank)
    behind_the_gates(bank, "INSERT INTO raw.stale_months (month) VALUES (DATE '2024-05-01')")
    gates = history_gates(bank.settings, bank.reference, JUNE)
    assert [subjects(gate) for gate in gates] == [["2024-04", "2024-06"], ["2024-04", "2024-06"]]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM spend.monthly WHERE month = DATE '2024-04-01'",
        "UPDATE raw.transactions SET amount = amount + 0.01 WHERE booked_on < DATE '2024-05-01'",
    ],
)
def test_a_sum_that_is_wrong_in_an_old_month_is_found_by_a_maintenance_and_made_again(
    bank: Bank, tmp_path: Path, statement: str
) -> None:
    night(bank)
    behind_the_gates(bank, statement)
    bank.ingest(write_csv(tmp_path / "june.csv", [row("new", booked_at="2024-06-20")]))
    bank.aggregate(JUNE)
    night(bank)  # a night looks at June alone
    with pytest.raises(GateError, match="conserves_months failed"):
        history(bank)
    bank.aggregate(JUNE)
    assert night(bank)["spend_monthly"] == ALL["spend_monthly"]
    history(bank)


def test_a_row_lost_in_an_old_month_is_found_by_the_next_night(bank: Bank, tmp_path: Path) -> None:
    night(bank)
    behind_the_gates(bank, "DELETE FROM raw.transactions WHERE booked_on < DATE '2024-05-01'")
    bank.ingest(write_csv(tmp_path / "june.csv", [row("new", booked_at="2024-06-20")]))
    bank.aggregate(JUNE)
    with pytest.raises(GateError, match="in_ledger failed"):
        night(bank)


def test_an_id_in_two_months_is_found_by_a_maintenance(bank: Bank) -> None:
    night(bank)
    behind_the_gates(
        bank,
        "UPDATE raw.transactions SET transaction_id = (SELECT min(transaction_id) FROM raw.transactions) "
        "WHERE booked_on >= DATE '2024-06-01'",
    )
    with pytest.raises(GateError, match=r"unique \(transaction_id\) failed: 1 rows"):
        history(bank)


def test_what_passes_again_is_not_written_again(bank: Bank, asked: list[str]) -> None:
    def remembered() -> list[tuple[object, ...]]:
        with connect(bank.settings, read_only=True) as connection:
            return connection.execute("SELECT rowid, * FROM ops.gates ORDER BY ALL").fetchall()

    night(bank)
    before = remembered()
    history(bank)
    assert remembered() == before
    behind_the_gates(bank, "UPDATE spend.months SET version = 'other' WHERE month = DATE '2024-05-01'")
    history(bank)
    changed = {row[1:3] for row in remembered()} & {row[1:3] for row in set(before) - set(remembered())}
    assert changed == {("raw_transactions", "2024-05"), ("spend_monthly", "2024-05")}
    assert len(remembered()) == len(before)


def test_a_maintenance_beside_another_run_asks_no_gate(
    bank: Bank, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []
    for beside in (True, False):
        monkeypatch.setattr("tasks.stages.spending.others_at_work", lambda *_, at_work=beside: at_work)
        told.append(validate_history.fn(bank.settings, bank.reference, JUNE, JUNE, "run").note)
    assert told == ["not looked at: another run is at work", "all expectations met"]
    assert asked == ["raw_transactions", "spend_monthly"]
