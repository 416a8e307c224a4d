"""Validate: the gates between the layers, each a Great Expectations suite; a closed gate stops the run.

What has passed is remembered with the version of what was looked at and of the suite itself: a tightened expectation
looks at everything again, and rows that come while a gate looks are looked at by the next run.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

import duckdb

from expectations import raw_transactions, spend_by_period, spend_monthly
from expectations.engine import validate
from expectations.suite import Suite
from expectations.verdict import Verdict, enforce, record
from tasks.operation.gate_plans import TABLES, SuiteOf, month_plan, step_plan
from tasks.operation.provenance import fingerprint
from tasks.units.progress import Progress, silent
from tasks.units.questions import Plan, answered_by
from tasks.units.unit import Crew
from warehouse.connection import connect, in_transaction
from warehouse.queries import query
from warehouse.reference.sets import ReferenceSet
from warehouse.registered import keep_out_of_catalog
from warehouse.settings import Settings

LEDGER = "ledger"
# In place of the version that passed. Months and periods that were refused are made again by the next run.
REFUSED = "refused"


@dataclass(frozen=True)
class Gate:
    """A suite with what passes when it holds.

    Attributes:
        suite: What must hold.
        subjects: Version by subject (a month, a period, a date, the ledger); with none, there is nothing to look at.
        plan: Which units answer what it asks of the warehouse that a connection has; None: none does.
    """

    suite: Suite
    subjects: Mapping[str, str]
    plan: Callable[[duckdb.DuckDBPyConnection, Settings], Plan] | None = None


def spending_gates(settings: Settings, reference: ReferenceSet, as_of: date, received_on: date) -> list[Gate]:
    """Return the gates of the layers from raw rows to periods, each with what has not passed it yet.

    Args:
        settings: Settings of the warehouse.
        reference: Bounds of the contract.
        as_of: Business date of the periods.
        received_on: No row can have been booked after this day.
    """
    with connect(settings, read_only=True) as connection:
        months = _month_gates(connection, reference, received_on)
        steps, periods = _unpassed_steps(connection, as_of)
    suite = spend_by_period.suite(as_of, steps)
    return [*months, Gate(suite, periods, partial(step_plan, as_of=as_of, suite=suite))]


def history_gates(settings: Settings, reference: ReferenceSet, received_on: date) -> list[Gate]:
    """Return the gates of raw rows and months over all months, whether or not these have passed.

    A night trusts what has passed and has not changed since by any load or sum. This finds what changed otherwise.

    Args:
        settings: Settings of the warehouse.
        reference: Bounds of the contract.
        received_on: No row can have been booked after this day.
    """
    with connect(settings, read_only=True) as connection:
        return _month_gates(connection, reference, received_on, every=True)


def _month_gates(
    connection: duckdb.DuckDBPyConnection, reference: ReferenceSet, received_on: date, every: bool = False
) -> list[Gate]:
    contract = reference.source
    content = raw_transactions.suite((), contract.earliest, date.max, contract.maximum)
    raw = _unpassed_months(connection, content, every)
    monthly = _unpassed_months(connection, spend_monthly.suite(()), every)
    ledger = unpassed(connection, raw_transactions.NAME, LEDGER, _ledger_version(connection))
    summed = [month for (month,) in connection.execute("SELECT month FROM spend.months").fetchall()]
    raw_suite = partial(
        raw_transactions.suite, earliest=contract.earliest, latest=received_on, maximum=contract.maximum
    )
    return [
        _month_gate(raw_suite, _days(raw), raw | ledger),
        _month_gate(partial(spend_monthly.suite, summed=summed), _days(monthly), monthly),
    ]


def _month_gate(suite_of: SuiteOf, months: Sequence[date], subjects: Mapping[str, str]) -> Gate:
    return Gate(suite_of(months), subjects, partial(month_plan, months=months, suite_of=suite_of))


def _days(months: Mapping[str, str]) -> list[date]:
    return [date.fromisoformat(f"{month}-01") for month in months]


def _unpassed_months(connection: duckdb.DuckDBPyConnection, suite: Suite, every: bool) -> dict[str, str]:
    """Return the months that have not passed a suite of this content, or all, with the version to remember."""
    content = {"suite": suite.name, "content": fingerprint(repr(suite)), "every": every}
    return dict(connection.execute(query("ops/select_unpassed_months"), content).fetchall())


def _unpassed_steps(connection: duckdb.DuckDBPyConnection, as_of: date) -> tuple[list[tuple[str, int]], dict[str, str]]:
    """Return the steps of a date whose periods have not passed, and what passes: those periods, and the steps as such.

    A period that has passed for another date is not looked at again.
    """
    # Of the same content whatever the date, or each night would look at everything again.
    content = fingerprint(repr(spend_by_period.suite(date(2000, 1, 1))))
    found = {"suite": spend_by_period.NAME, "content": content, "as_of": as_of}
    rows = connection.execute(query("ops/select_unpassed_steps"), found).fetchall()
    steps = [(window, step) for window, step, *_ in rows if window]
    return steps, {subject: version for *_, subject, version in rows}


def unpassed(connection: duckdb.DuckDBPyConnection, suite: str, subject: str, version: str) -> dict[str, str]:
    """Return a subject with its version; nothing where this version has passed a suite before.

    Args:
        connection: A warehouse connection.
        suite: Name of the suite.
        subject: What it looks at: a month, a period, a date, the ledger.
        version: Of what it would look at now, and of the suite.
    """
    text = "SELECT 1 FROM ops.gates WHERE suite = $1 AND subject = $2 AND version = $3"
    passed = connection.execute(text, [suite, subject, version]).fetchone()
    return {} if passed else {subject: version}


def _ledger_version(connection: duckdb.DuckDBPyConnection) -> str:
    row = connection.execute(query("ops/select_ledger_version")).fetchone()
    return str(row[0]) if row else ""


def pass_gates(
    settings: Settings,
    gates: Sequence[Gate],
    as_of: date,
    run_id: str,
    crew: Crew | None = None,
    progress: Progress = silent,
) -> list[Verdict]:
    """Run gates in order, record each verdict, remember what passed, and stop at the first that closes.

    Args:
        settings: Settings of the warehouse.
        gates: What must hold of what; one without subjects is not asked.
        as_of: Business date of the run.
        run_id: The run.
        crew: Reads the rows elsewhere, where the gate has a plan for it; None: they are read here.
        progress: Called with units done and in total.

    Returns:
        The verdicts; none when all of this has passed before.

    Raises:
        GateError: A critical expectation failed, or one could not be evaluated.
    """
    verdicts = []
    for gate in gates:
        if gate.subjects:
            verdicts.append(_verdict(settings, gate, as_of, run_id, crew, progress))
            record_verdict(settings, verdicts[-1], gate, run_id, as_of)
            enforce(verdicts[-1])
    return verdicts


def _verdict(
    settings: Settings, gate: Gate, as_of: date, run_id: str, crew: Crew | None, progress: Progress
) -> Verdict:
    if crew is None or gate.plan is None:
        return validate(settings, gate.suite, as_of, run_id)
    with connect(settings) as connection:
        keep_out_of_catalog(connection, TABLES)
        plan = gate.plan(connection, settings)
    return validate(settings, gate.suite, as_of, run_id, elsewhere=answered_by(plan, crew, progress))


def record_verdict(settings: Settings, verdict: Verdict, gate: Gate, run_id: str, as_of: date) -> None:
    """Record a verdict with what passed, or was refused, as one transaction.

    Args:
        settings: Settings of the warehouse.
        verdict: Of the gate's suite.
        gate: What passed, or was refused.
        run_id: The run.
        as_of: Business date of the run.
    """

    def write() -> None:
        record(connection, verdict, run_id, as_of)
        subjects = list(gate.subjects)
        versions = list(gate.subjects.values()) if verdict.passed else [REFUSED] * len(subjects)
        told = {"suite": verdict.suite, "subjects": subjects, "versions": versions}
        connection.execute(query("ops/delete_gates"), told)
        connection.execute(query("ops/insert_gates"), told | {"run_id": run_id})

    with connect(settings) as connection:
        in_transaction(connection, write, settings.commit_attempts)
