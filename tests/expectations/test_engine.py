import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dateutil.parser import parse
from sqlalchemy import event
from sqlalchemy.engine import Engine

from expectations import spend_by_period, spend_monthly
from expectations.engine import run_name, validate
from expectations.suite import NO_ROWS, ROWS_WHERE, Expectation, Suite, not_null, rows_where, unique
from expectations.verdict import Outcome, Verdict, enforce
from tests.expectations.lake import AS_OF, FIRST, Lake, suites
from tests.expectations.violations import ALONE, CONSERVED, ELSEWHERE, PERIOD, RAW, TOGETHER, Violation
from warehouse.attachment import attach
from warehouse.connection import connect
from warehouse.engines import close_idle
from warehouse.errors import GateError
from warehouse.settings import Settings

pytestmark = pytest.mark.warehouse
SUITES = suites()


def run(lake: Lake, suite: Suite) -> Verdict:
    return validate(lake.settings, suite, AS_OF, "run", docs=False)


def only(suite: Suite, expectation: str) -> Suite:
    return replace(suite, expectations=tuple(e for e in suite.expectations if e.name == expectation))


def find(verdict: Verdict, expectation: str, column: str | None) -> Outcome:
    (outcome,) = [o for o in verdict.outcomes if (o.expectation, o.column) == (expectation, column)]
    return outcome


def failed(verdict: Verdict) -> list[str]:
    return [outcome.expectation for outcome in verdict.outcomes if outcome.outcome != "passed"]


def months(first: date, last: date) -> list[date]:
    """The first days of all months from one day to another."""
    return [
        date(year, month, 1)
        for year in range(first.year, last.year + 1)
        for month in range(1, 13)
        if first.replace(day=1) <= date(year, month, 1) <= last
    ]


@pytest.fixture(scope="module")
def spoilt(lake: Lake) -> dict[str, Verdict]:
    verdicts = {}
    for name, suite in SUITES.items():
        planted = [violation for violation in TOGETHER if violation.suite == name]
        # Violations of many rows first: the others keep their rows.
        planted.sort(key=lambda violation: -violation.rows)
        with lake.spoilt(suite.table, *(v.statement.format(n=n) for n, v in enumerate(planted, start=1))):
            verdicts[name] = run(lake, suite)
    return verdicts


def test_every_expectation_has_a_violation() -> None:
    planted = {violation.key for violation in TOGETHER + ALONE} | set(ELSEWHERE)
    assert planted == {(name, e.name, e.column) for name, suite in SUITES.items() for e in suite.expectations}


@pytest.mark.parametrize("name", SUITES)
def test_good_data_passes(lake: Lake, name: str) -> None:
    verdict = run(lake, SUITES[name])
    assert [o.line for o in verdict.outcomes if o.outcome != "passed"] == []
    assert [(o.expectation, o.column) for o in verdict.outcomes] == [
        (e.name, e.column) for e in SUITES[name].expectations
    ]
    enforce(verdict)


@pytest.mark.parametrize("violation", TOGETHER, ids=lambda v: f"{v.suite}-{v.expectation}-{v.column}")
def test_a_violation_fails_its_expectation(spoilt: dict[str, Verdict], violation: Violation) -> None:
    outcome = find(spoilt[violation.suite], violation.expectation, violation.column)
    assert (outcome.outcome, outcome.unexpected_count) == ("failed", violation.rows), outcome.line


@pytest.mark.parametrize("violation", ALONE, ids=lambda v: f"{v.suite}-{v.expectation}-{v.statement[:60]}")
def test_a_lone_violation_fails_its_expectation(lake: Lake, violation: Violation) -> None:
    suite = only(SUITES[violation.suite], violation.expectation)
    with lake.spoilt(suite.table, violation.statement):
        outcome = find(run(lake, suite), violation.expectation, violation.column)
    assert (outcome.outcome, outcome.unexpected_count) == ("failed", violation.rows), outcome.line


def test_an_empty_table_conserves_no_step(lake: Lake) -> None:
    suite = SUITES[PERIOD]
    suite = replace(suite, expectations=tuple(e for e in suite.expectations if e.name in CONSERVED))
    with lake.spoilt(suite.table, "DELETE FROM t"):
        verdict = run(lake, suite)
    assert [(o.expectation, o.unexpected_count) for o in verdict.outcomes] == [(name, 4) for name in CONSERVED]


def test_a_ledger_that_does_not_add_up_fails(lake: Lake) -> None:
    with lake.spoilt("raw.loads", "UPDATE t SET rows_accepted = rows_accepted - 1"):
        verdict = run(lake, only(SUITES[RAW], "ledger_adds_up"))
    assert verdict.outcomes[0].unexpected_count == 1
    assert not verdict.passed


def test_a_step_that_the_calendar_does_not_give_fails(lake: Lake) -> None:
    suite = only(spend_by_period.suite(AS_OF, []), "steps_of_date")  # whether or not its rows are looked at
    assert run(lake, suite).passed
    moved = "UPDATE t SET period_end = period_end + 1 WHERE window_name = 'annual' AND step = 2"
    lacking = "DELETE FROM t WHERE window_name = 'bimonthly' AND step = 1"
    with lake.spoilt("spend.steps", moved, lacking):
        assert run(lake, suite).outcomes[0].unexpected_count == 3


def test_steps_that_have_passed_are_not_looked_at(lake: Lake) -> None:
    suite = spend_by_period.suite(AS_OF, [("annual", 6)])
    with lake.spoilt(suite.table, "UPDATE t SET amount = 0 WHERE step = 5"):
        assert run(lake, suite).passed
    with lake.spoilt(
        suite.table, "UPDATE t SET amount = 0 WHERE step = 6 AND window_name = 'annual' AND customer_key = 1"
    ):
        assert not run(lake, suite).passed


@pytest.mark.parametrize("day", ["DATE '1999-12-31'", "DATE '2024-06-01'", "NULL"])
def test_a_row_in_a_month_that_nobody_summed_is_found(lake: Lake, day: str) -> None:
    suite = spend_monthly.suite([AS_OF], months(FIRST, AS_OF))
    assert run(lake, suite).passed
    with lake.spoilt("raw.transactions", f"UPDATE t SET booked_on = {day} WHERE n = 1"):
        assert failed(run(lake, suite)) == ["months_known"]
    with lake.spoilt(suite.table, f"UPDATE t SET month = {day} WHERE n = 1"):
        assert failed(run(lake, suite)) == ["months_known"]


def test_a_row_in_a_gap_between_summed_months_is_found(lake: Lake) -> None:
    held = [month for month in months(FIRST, AS_OF) if month != date(2020, 3, 1)]
    suite = only(spend_monthly.suite([AS_OF], held), "months_known")
    with lake.spoilt("spend.months", "DELETE FROM t WHERE month = DATE '2020-03-01'"):
        assert failed(run(lake, suite)) == ["months_known"]
        with lake.spoilt("raw.stale_months", "INSERT INTO t (month) VALUES (DATE '2020-03-01')"):
            assert run(lake, suite).passed


def test_a_batch_of_no_month_is_no_fault(lake: Lake) -> None:
    assert run(lake, spend_monthly.suite([])).passed


def test_a_warning_does_not_stop_the_run(lake: Lake, spoilt: dict[str, Verdict]) -> None:
    warnings = [o for o in spoilt[RAW].outcomes if o.severity == "warning"]
    verdict = Verdict(RAW, "raw.transactions", tuple(warnings))
    assert [o.outcome for o in warnings] == ["failed", "failed"]
    assert verdict.warnings == tuple(warnings)
    enforce(verdict)


@contextmanager
def renamed(lake: Lake, table: str, old: str, new: str) -> Iterator[None]:
    statement = "ALTER TABLE {} RENAME COLUMN {} TO {}"
    with connect(lake.settings) as connection:
        connection.execute(statement.format(table, old, new))
    try:
        yield
    finally:
        with connect(lake.settings) as connection:
            connection.execute(statement.format(table, new, old))


def test_what_can_not_be_evaluated_is_an_error(lake: Lake) -> None:
    suite = SUITES["spend_monthly"]
    with renamed(lake, suite.table, "transactions", "bookings"):
        verdict = run(lake, suite)
    errors = {(o.expectation, o.column) for o in verdict.outcomes if o.outcome == "error"}
    assert errors == {("not_null", "transactions"), ("between", "transactions"), ("conserves_months", None)}
    assert verdict.count("passed") == len(suite.expectations) - len(errors)
    assert verdict.count("failed") == 0
    with pytest.raises(GateError, match=r'between \(transactions\) error: .*"transactions"'):
        enforce(verdict)


def test_a_rule_that_can_not_be_evaluated_takes_no_other_with_it(lake: Lake) -> None:
    suite = SUITES[RAW]
    broken = (
        Expectation("where", ROWS_WHERE, arguments={"condition": "nowhere = 1"}),
        Expectation("where", ROWS_WHERE, "amount", arguments={"condition": "load_id::INTEGER = 1"}),
        unique("nowhere"),
    )
    verdict = run(lake, replace(suite, expectations=(*broken, *suite.expectations)))
    assert [outcome.outcome for outcome in verdict.outcomes] == ["error"] * 3 + ["passed"] * len(suite.expectations)


def test_what_is_judged_row_by_row_is_asked_by_one_statement(lake: Lake) -> None:
    asked: list[str] = []

    def note(*arguments: Any) -> None:
        asked.append(arguments[2])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        for name in SUITES:
            asked.clear()
            assert run(lake, SUITES[name]).passed
            own = sum(expectation.kind == NO_ROWS for expectation in SUITES[name].expectations)
            assert len(asked) == own + 1, name
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_a_rule_that_does_not_judge_row_by_row_is_no_condition() -> None:
    with pytest.raises(ValueError, match=r"batch_class_known\.sql is not"):
        rows_where("known", "batch_class_known", "")


def test_an_error_of_a_warning_stops_the_run(lake: Lake) -> None:
    suite = replace(SUITES["spend_monthly"], expectations=not_null("nowhere", severity="warning"))
    with pytest.raises(GateError, match=r"not_null \(nowhere\) error"):
        enforce(run(lake, suite))


def test_a_batch_that_can_not_be_opened_is_an_error_throughout(lake: Lake) -> None:
    suite = replace(SUITES["spend_monthly"], batch="SELECT * FROM spend.nowhere")
    verdict = run(lake, suite)
    assert verdict.count("error") == len(suite.expectations)
    assert "nowhere" in verdict.outcomes[0].observed


def test_validation_writes_nothing(lake: Lake) -> None:
    with connect(lake.settings, read_only=True) as connection:
        count = "SELECT count(*) FROM ducklake_snapshots('lake')"
        before = connection.execute(count).fetchall()
        run(lake, SUITES["spend_monthly"])
        assert connection.execute(count).fetchall() == before


def test_suites_read_through_one_fenced_reader(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[bool] = []

    def attached(connection: duckdb.DuckDBPyConnection, settings: Settings, read_only: bool, files: list[Path]) -> None:
        opened.append(read_only)
        attach(connection, settings, read_only, files)

    close_idle()
    monkeypatch.setattr("warehouse.engines.attach", attached)
    for name in ("spend_monthly", "segments", "spend_monthly"):
        assert run(lake, SUITES[name]).passed
    assert opened == [True]
    reads = Expectation("reads", NO_ROWS, arguments={"query": "FROM glob('/etc/*')"})
    outcome = run(lake, replace(SUITES["segments"], expectations=(reads,))).outcomes[0]
    assert (outcome.outcome, outcome.observed) == ("error", "could not be evaluated (PermissionException)")


def test_data_docs_name_the_suites_and_no_person(lake: Lake) -> None:
    secret = "C-0042-SECRET"  # noqa: S105
    leak = f"UPDATE t SET transaction_id = '{secret}', kind = '{secret}', currency = '{secret}' WHERE n < 3"
    # Its message quotes the value it stumbled over.
    cast = Expectation("cast", NO_ROWS, arguments={"query": "SELECT 1 FROM batch WHERE transaction_id::INTEGER = 1"})
    suite = replace(SUITES[RAW], expectations=(*SUITES[RAW].expectations, cast))
    with lake.spoilt(suite.table, leak):
        verdicts = [validate(lake.settings, s, AS_OF, "run17") for s in (suite, SUITES["spend_monthly"])]
    folder = lake.settings.home / "data_docs"
    pages = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert "could not be evaluated (ConversionException)" in pages[f"{RAW}.html"]
    assert not [name for name, page in pages.items() if secret in page]
    assert secret not in "".join(outcome.line for verdict in verdicts for outcome in verdict.outcomes)
    assert all(f'href="{name}.html"' in pages["index.html"] for name in (RAW, "spend_monthly"))
    assert "run17" in pages["index.html"]
    assert [name for name, page in pages.items() if re.search(r"(src|href)=.https?:|<script", page)] == []
    assert "2 of 4,999 rows" in pages[f"{RAW}.html"]


def test_no_run_name_is_a_date() -> None:
    """Ids of digits with at most one letter are those that a date parser may take; the others fail at their letters."""
    draws = random.Random(0)  # noqa: S311 - ids to try, not secrets
    ids = [f"{draws.getrandbits(64):016x}" for _ in range(200_000)]
    risky = ["2205374872994211", *(each for each in ids if sum(map(str.isalpha, each)) <= 1)]
    assert len(risky) > 1_000
    for each in risky:
        with pytest.raises(ValueError, match="Unknown string format"):
            parse(run_name(each))


def test_an_id_that_looks_like_a_date_is_drawn(lake: Lake) -> None:
    suite = only(SUITES[PERIOD], "contiguous")
    verdict = validate(lake.settings, suite, AS_OF, "2205374872994211")
    assert verdict.passed
    page = (lake.settings.home / "data_docs" / f"{PERIOD}.html").read_text(encoding="utf-8")
    assert "run-2205374872994211" in page


@pytest.mark.parametrize("broken", ["expectations.docs._rendered", "expectations.engine.write_docs"])
def test_a_page_that_cannot_be_drawn_is_a_warning(
    lake: Lake, broken: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> str:
        raise OverflowError("C-0042-SECRET")

    monkeypatch.setattr(broken, fail)
    suite = only(SUITES[PERIOD], "contiguous")
    assert validate(lake.settings, suite, AS_OF, "run").passed
    ours = [each for each in caplog.records if each.name.startswith("expectations.")]
    assert [(each.levelname, "OverflowError" in each.getMessage()) for each in ours] == [("WARNING", True)]
    assert "SECRET" not in caplog.text
    with lake.spoilt(suite.table, "UPDATE t SET period_start = period_start - 1 WHERE step = 3"):
        verdict = validate(lake.settings, suite, AS_OF, "run")
    with pytest.raises(GateError):
        enforce(verdict)
