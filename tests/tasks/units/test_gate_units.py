"""Gates whose rows are read by units, a few months each: the verdict and the page of one process, to the number."""

import pickle
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from expectations import raw_transactions, spend_monthly
from expectations.suite import NO_ROWS, ROWS_WHERE, Expectation, Suite, unique
from tasks.operation import gate_plans
from tasks.operation.gate_plans import TABLES, month_plan
from tasks.operation.validate import Gate, pass_gates, spending_gates
from tasks.units import months, questions
from tasks.units.progress import Progress
from tasks.units.unit import Crew, Facts, Unit
from tests.expectations.lake import AS_OF, FIRST, Lake, build
from tests.expectations.violations import ALONE, MONTHLY, RAW, TOGETHER, Violation
from tests.support.crews import shuffled_crew
from tests.tasks.builders import Bank, copy_bank, row, write_csv
from warehouse.connection import connect
from warehouse.errors import GateError
from warehouse.months import next_month
from warehouse.settings import Settings

pytestmark = pytest.mark.warehouse
MONTHS = [next_month(FIRST, number) for number in range(77)]
SUITES: dict[str, Callable[[Sequence[date]], Suite]] = {
    RAW: partial(raw_transactions.suite, earliest=FIRST, latest=AS_OF, maximum=1e6),
    MONTHLY: partial(spend_monthly.suite, summed=MONTHS),
}


@pytest.fixture(scope="module")
def lake(migrated_home: Path) -> Iterator[Lake]:
    with TemporaryDirectory() as folder:
        yield build(Settings(home=Path(shutil.copytree(migrated_home, Path(folder) / "home"))))


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many parts of a lake of five thousand rows, and more questions than are answered one by one."""
    monkeypatch.setattr(months, "ROWS_AT_ONCE", 1900)
    monkeypatch.setattr(months, "MONTHS_AT_ONCE", 30)
    monkeypatch.setattr(gate_plans, "KEYS_AT_ONCE", 2000)
    monkeypatch.setattr(questions, "UNITS_AT_ONCE", 20)


def gate_of(name: str, looked_at: Sequence[date] = MONTHS) -> Gate:
    suite_of = SUITES[name]
    return Gate(suite_of(looked_at), {"subject": "v"}, partial(month_plan, months=looked_at, suite_of=suite_of))


def page_of(lake: Lake, suite: str) -> str:
    """The page of a suite, without the second that it was made in."""
    page = (lake.settings.home / "data_docs" / f"{suite}.html").read_text(encoding="utf-8")
    return re.sub(r"[\d-]{10}T[\d:]{8}Z", "", page)


def passed(lake: Lake, gate: Gate, crew: Crew | None) -> tuple[list[tuple[object, ...]], str, str]:
    """What a gate leaves: the rows of the journal, the page, and the message where it is closed."""
    message = ""
    try:
        pass_gates(lake.settings, [gate], AS_OF, "run", crew)
    except GateError as error:
        message = str(error)
    with connect(lake.settings, read_only=True) as connection:
        text = "SELECT * EXCLUDE checked_at FROM ops.validations WHERE suite = $1 ORDER BY ALL"
        rows = connection.execute(text, [gate.suite.name]).fetchall()
    return rows, page_of(lake, gate.suite.name), message


def planted(suite: str) -> list[str]:
    """All violations of a suite in rows of their own; the keys that are not known lie in two months each."""
    lone = sorted((one for one in TOGETHER if one.suite == suite), key=lambda one: -one.rows)
    twice = [one for one in lone if one.expectation in ("customer_known", "class_known")]
    return [one.statement.format(n=number) for number, one in enumerate([*lone, *twice], start=1)]


@pytest.mark.parametrize("name", SUITES)
def test_everything_that_is_wrong_is_counted_as_one_process_counts_it(lake: Lake, name: str) -> None:
    gate = gate_of(name)
    with lake.spoilt(gate.suite.table, *planted(name)):
        by_units = passed(lake, gate, shuffled_crew(lake.settings, 1))
        here = passed(lake, gate, None)
    assert by_units == here
    assert sum(row[7] == "failed" for row in here[0]) > len(gate.suite.expectations) // 2


@pytest.mark.parametrize("violation", [one for one in ALONE if one.suite in SUITES], ids=lambda v: v.expectation)
def test_a_lone_violation_is_counted_as_one_process_counts_it(lake: Lake, violation: Violation) -> None:
    gate = gate_of(violation.suite)
    with lake.spoilt(gate.suite.table, violation.statement):
        by_units = passed(lake, gate, shuffled_crew(lake.settings, 3))
        assert by_units == passed(lake, gate, None)
    assert f": {violation.expectation} failed" in by_units[2]


@pytest.mark.parametrize("name", SUITES)
@pytest.mark.parametrize("looked_at", [MONTHS, MONTHS[5:6], [MONTHS[3], MONTHS[30]], []], ids=len)
def test_good_months_pass(lake: Lake, name: str, looked_at: list[date]) -> None:
    gate, rounds = gate_of(name, looked_at), list[int]()
    crew = shuffled_crew(lake.settings, 4)

    def noting(units: Sequence[Unit], progress: Progress) -> Mapping[Unit, Facts]:
        rounds.append(len(units))
        return crew(units, progress)

    by_units = passed(lake, gate, noting)
    assert by_units == passed(lake, gate, None)
    assert by_units[2] == ""
    assert len(rounds) == bool(looked_at)  # all is asked at once


def test_what_cannot_be_evaluated_takes_no_other_with_it(lake: Lake) -> None:
    broken = (
        Expectation("where", ROWS_WHERE, arguments={"condition": "nowhere = 1"}),
        Expectation("where", ROWS_WHERE, "amount", arguments={"condition": "load_id::INTEGER = 1"}),
        Expectation("rule", NO_ROWS, arguments={"query": "SELECT 1 FROM batch WHERE load_id::INTEGER = 1"}),
        unique("nowhere"),
    )

    def suite_of(looked_at: Sequence[date]) -> Suite:
        suite = SUITES[RAW](looked_at)
        return replace(suite, expectations=(*broken, *suite.expectations))

    gate = Gate(suite_of(MONTHS), {"subject": "v"}, partial(month_plan, months=MONTHS, suite_of=suite_of))
    by_units = passed(lake, gate, shuffled_crew(lake.settings, 5))
    assert by_units == passed(lake, gate, None)
    assert sum(row[7] == "error" for row in by_units[0]) == len(broken)
    assert "load" not in "".join(str(row[8]) for row in by_units[0] if "Conversion" in str(row[8]))


def test_answers_hold_counts_alone(lake: Lake) -> None:
    crew, told = shuffled_crew(lake.settings, 6), list[Facts]()

    def noting(units: Sequence[Unit], progress: Progress) -> dict[Unit, Facts]:
        answers = dict(crew(units, progress))
        told.extend(answers.values())
        return answers

    with lake.spoilt("raw.transactions", *planted(RAW)):
        passed(lake, gate_of(RAW), noting)
    assert told
    counts = [count for facts in told for counts in facts.figures for count in counts]
    assert not any(facts.files for facts in told)
    assert all(count is None or type(count) is int for count in counts)


def asked_by(lake: Lake, at_once: int, monkeypatch: pytest.MonkeyPatch) -> list[Unit]:
    crew, asked = shuffled_crew(lake.settings, 7), list[Unit]()

    def noting(units: Sequence[Unit], progress: Progress) -> Mapping[Unit, Facts]:
        asked.extend(units)
        return crew(units, progress)

    monkeypatch.setattr(questions, "UNITS_AT_ONCE", at_once)
    assert passed(lake, gate_of(MONTHLY), noting) == passed(lake, gate_of(MONTHLY), None)
    return asked


def test_many_questions_about_the_same_rows_go_together(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    alone, together = (asked_by(lake, at_once, monkeypatch) for at_once in (1000, 1))
    assert all(len(unit.arguments) == 2 for unit in alone)
    assert len(together) == len({unit.arguments[0] for unit in alone}) < len(alone)
    assert sum(len(pickle.dumps(unit)) for unit in together) < sum(len(pickle.dumps(unit)) for unit in alone) / 2
    for unit in alone:
        text = f"{unit.arguments[0]} {unit.arguments[1][0].text}"  # type: ignore[index]
        assert {reading.table for reading in unit.reads} == {name for name in TABLES if name in text}
    for unit in together:
        tables = [reading.table for reading in unit.reads]
        assert len(tables) == len(set(tables))


JUNE = date(2024, 6, 10)
SPOILT_STEP = {
    "amounts": "UPDATE spend.periods SET amount = amount + 1 WHERE customer_key = 1 AND class_id = 1",
    "rows": "UPDATE raw.transactions SET amount = amount + 1 WHERE booked_on >= '2024-06-01' AND customer_key < 4",
    "sums": "DELETE FROM spend.monthly WHERE month < '2024-02-01'",
    "steps": "UPDATE spend.steps SET period_id = (SELECT min(period_id) FROM spend.steps) WHERE step > 4",
    "nothing": "DELETE FROM spend.steps",
}


@pytest.fixture(scope="module")
def summed(template: Bank, tmp_path_factory: pytest.TempPathFactory) -> Bank:
    root = tmp_path_factory.mktemp("summed")
    bank = copy_bank(template, root / "home")
    rows = [
        row(
            n, customer_id=f"c{n % 7}", booked_at=f"2024-0{1 + n % 6}-0{1 + n % 9}", source_code=("FOOD", "TRIP")[n % 2]
        )
        for n in range(200)
    ]
    bank.ingest(write_csv(root / "rows.csv", rows))
    bank.aggregate(JUNE)
    return bank


@pytest.mark.parametrize("spoil", SPOILT_STEP)
def test_steps_are_compared_with_their_months_as_one_process_does(summed: Bank, tmp_path: Path, spoil: str) -> None:
    bank = copy_bank(summed, tmp_path / "home")
    *_, gate = spending_gates(bank.settings, bank.reference, JUNE, JUNE)
    lake = Lake(bank.settings, 0)
    crew = shuffled_crew(bank.settings, 7)
    assert passed(lake, gate, crew)[2] == ""
    bank.execute(SPOILT_STEP[spoil])
    by_units = passed(lake, gate, crew)
    assert by_units == passed(lake, gate, None)
    assert "conserves_" in by_units[2]
