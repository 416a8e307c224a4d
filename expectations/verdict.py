"""What came of a suite: recorded in the warehouse, and a stop to the run when it must be."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

import duckdb

from expectations.suite import Severity
from warehouse.errors import GateError
from warehouse.queries import query

Result = Literal["passed", "failed", "error"]


@dataclass(frozen=True)
class Outcome:
    """What came of one expectation.

    Attributes:
        suite: Name of the suite.
        table: The table, with its schema.
        expectation: Name of the expectation.
        column: The column it speaks of; None for the whole batch.
        severity: critical or warning.
        outcome: passed, failed, or error when it could not be evaluated.
        observed: Counts and shares in words; never a value of a row.
        unexpected_count: Failing rows; None when they could not be counted.
        rows: Rows that were looked at; None where the rule does not say.
    """

    suite: str
    table: str
    expectation: str
    column: str | None
    severity: Severity
    outcome: Result
    observed: str
    unexpected_count: int | None
    rows: int | None = None

    @property
    def stops(self) -> bool:
        """Whether nothing may be published: a critical failure, or any error."""
        return self.outcome == "error" or (self.outcome == "failed" and self.severity == "critical")

    @property
    def line(self) -> str:
        """The outcome as one line for a person."""
        column = f" ({self.column})" if self.column else ""
        count = "" if self.unexpected_count is None else f"; failing rows: {self.unexpected_count:,}"
        return f"{self.table}: {self.expectation}{column} {self.outcome}: {self.observed}{count}"


@dataclass(frozen=True)
class Verdict:
    """All outcomes of one suite, in the suite's order."""

    suite: str
    table: str
    outcomes: tuple[Outcome, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing stops the run; warnings do not."""
        return not any(outcome.stops for outcome in self.outcomes)

    @property
    def warnings(self) -> tuple[Outcome, ...]:
        """Failed expectations that the run goes on with."""
        return tuple(outcome for outcome in self.outcomes if outcome.outcome == "failed" and not outcome.stops)

    @property
    def looked_at_nothing(self) -> bool:
        """Whether no rule met a row, as far as they say: then that all of them hold means nothing."""
        told = [outcome.rows for outcome in self.outcomes if outcome.rows is not None]
        return not self.outcomes or (bool(told) and not any(told))

    def count(self, outcome: Result) -> int:
        """Return the number of expectations with this outcome."""
        return sum(evaluated.outcome == outcome for evaluated in self.outcomes)


def enforce(verdict: Verdict) -> None:
    """Stop the run unless it may go on.

    Args:
        verdict: Of one suite.

    Raises:
        GateError: One line for each critical failure and each expectation that could not be evaluated.
    """
    stopping = [outcome for outcome in verdict.outcomes if outcome.stops]
    if stopping:
        lines = "\n".join(f"  {outcome.line}" for outcome in stopping)
        raise GateError(f"gate {verdict.suite} is closed, nothing was published:\n{lines}")


def record(connection: duckdb.DuckDBPyConnection, verdict: Verdict, run_id: str, as_of: date) -> None:
    """Write a verdict to ops.validations, in place of an earlier one of the same run and suite.

    Args:
        connection: A writing warehouse connection, inside the caller's transaction.
        verdict: Of one suite.
        run_id: The run.
        as_of: Business date of the run.
    """
    connection.execute(query("ops/delete_validations"), {"run_id": run_id, "suite": verdict.suite})
    outcomes = verdict.outcomes
    columns: dict[str, object] = {
        "run_id": run_id,
        "as_of": as_of,
        "suite": verdict.suite,
        "table_name": verdict.table,
        "expectation": [outcome.expectation for outcome in outcomes],
        "column_name": [outcome.column for outcome in outcomes],
        "severity": [outcome.severity for outcome in outcomes],
        "outcome": [outcome.outcome for outcome in outcomes],
        "observed": [outcome.observed for outcome in outcomes],
        "unexpected_count": [outcome.unexpected_count for outcome in outcomes],
    }
    connection.execute(query("ops/insert_validations"), columns)
