"""Which units answer what the gates of spending ask: about months, and about the steps of a date."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil

import duckdb

from expectations import raw_transactions, spend_by_period, spend_monthly
from expectations.elsewhere import Question, answer
from expectations.repeated import ALL_HASHES, hash_ranges
from expectations.suite import NO_ROWS, Expectation, Suite
from tasks.units.months import Span, batches
from tasks.units.unit import Unit
from warehouse.lone import Reading
from warehouse.months import next_month
from warehouse.queries import query, quoted
from warehouse.registered import reading
from warehouse.settings import Settings
from warehouse.stored import DataFile, live_files

# What the rules of a suite read, and the column of months.
_READ = {
    raw_transactions.NAME: ("booked_on", ("raw.transactions", "raw.customers", "ref.classes")),
    spend_monthly.NAME: ("month", ("spend.monthly", "raw.transactions", "raw.customers", "ref.classes")),
}
# Whose rows have to lie in files.
TABLES = (*_READ[spend_monthly.NAME][1], "spend.periods", "ref.versions")
# Of the ledger, or known from statistics of files without opening one.
_HERE = frozenset({"ledger_adds_up", "in_ledger", "months_known"})
# Keys of all months are compared by ranges of their hashes; each range reads the column of keys once more.
KEYS_AT_ONCE = 2**27
RANGES = 8
SuiteOf = Callable[[Sequence[date]], Suite]
Wanted = Callable[[DataFile], bool]


@dataclass(frozen=True)
class _Part:
    suite: Suite
    reads: tuple[Reading, ...]

    def unit(self, question: Question, hashes: tuple[int, int] = ALL_HASHES) -> Unit:
        # Files of a table that it does not name would be sent along and opened for nothing.
        reads = tuple(read for read in self.reads if read.table in f"{self.suite.batch} {question.text}")
        return Unit(answer, (self.suite.batch, (question, hashes)), reads, ())


@dataclass(frozen=True)
class MonthPlan:
    """A suite of months: each large month is a part, and small ones together.

    Attributes:
        column: Whose months they are; keys with it are found month by month.
        months: All of them.
        by_month: Parts of them.
        ranges: Of hashes, in which keys without it are compared.
    """

    column: str
    months: _Part
    by_month: tuple[_Part, ...]
    ranges: tuple[tuple[int, int], ...]

    def parts(self, question: Question) -> list[Unit] | None:
        """Return units that answer a question by months, or by ranges of hashes."""
        if question.kind == "repeated" and self.column not in question.values:
            return [self.months.unit(question, hashes) for hashes in self.ranges]
        if question.kind != "failing":
            return [part.unit(question) for part in self.by_month]
        place = _place(self.months.suite, question)
        if self.months.suite.expectations[place].name in _HERE:
            return None
        return [part.unit(self._of(part.suite, place, question)) for part in self.by_month]

    def whole(self, question: Question) -> Unit:
        """Return the unit that answers a question about all months."""
        return self.months.unit(question)

    def _of(self, suite: Suite, place: int, question: Question) -> Question:
        """Return the same question about fewer months: the rule itself may name them."""
        named, fewer = (_text(one.expectations[place]) for one in (self.months.suite, suite))
        return question._replace(text=question.text.replace(named, fewer))


def month_plan(
    connection: duckdb.DuckDBPyConnection, settings: Settings, months: Sequence[date], suite_of: SuiteOf
) -> MonthPlan:
    """Return which units answer what a suite asks about months.

    Args:
        connection: A warehouse connection.
        settings: Where the data lies.
        months: First days.
        suite_of: Makes the suite for some months.
    """
    files = live_files(connection)
    spans = [(month, next_month(month)) for month in sorted(months)]
    column, tables = _READ[suite_of(()).name]
    raw = [file for file in files if file.table == "raw.transactions"]

    def part(batch: Sequence[Span]) -> _Part:
        reads = (reading(connection, settings, files, table, lambda file: _is_of(file, batch)) for table in tables)
        return _Part(suite_of([first for first, _ in batch]), tuple(reads))

    rows = sum(file.rows_held for file in raw if _is_of(file, spans))
    ranges = hash_ranges(min(RANGES, max(1, ceil(rows / KEYS_AT_ONCE)))) if spans else []
    return MonthPlan(column, part(spans), tuple(map(part, batches(spans, raw))), tuple(ranges))


def _is_of(file: DataFile, spans: Sequence[Span]) -> bool:
    return any(file.overlaps(*span) for span in spans)


def _place(suite: Suite, question: Question) -> int:
    """Return the place of the rule that a statement counts for."""
    places = range(len(suite.expectations))
    return next(place for place in places if _text(suite.expectations[place]) in question.text)


def _text(expectation: Expectation) -> str:
    return str(expectation.arguments["query"]) if expectation.kind == NO_ROWS else "\0"  # is in no statement


@dataclass(frozen=True)
class StepPlan:
    """The suite of a date's periods, of which units answer what raw rows are read for.

    Attributes:
        suite: All of it.
        conserved: What belongs to the rules of single steps, by their names.
    """

    suite: Suite
    conserved: dict[str, _Part]

    def parts(self, question: Question) -> list[Unit] | None:
        """Return the unit that compares a step with what it is made of."""
        if question.kind != "failing":
            return None
        name = self.suite.expectations[_place(self.suite, question)].name
        return [self.conserved[name].unit(question)] if name in self.conserved else None

    def whole(self, question: Question) -> Unit:
        """Return that unit."""
        return self.conserved[self.suite.expectations[_place(self.suite, question)].name].unit(question)


def step_plan(connection: duckdb.DuckDBPyConnection, settings: Settings, as_of: date, suite: Suite) -> StepPlan:
    """Return which units answer what a suite asks about the steps of a date.

    Args:
        connection: A warehouse connection.
        settings: Where the data lies.
        as_of: The date.
        suite: What is asked of its steps.
    """
    opened = as_of.replace(day=1)

    def read_for(step: spend_by_period.Period) -> dict[str, Wanted]:
        return {
            "spend.monthly": lambda file: file.overlaps(step.start, opened),
            "raw.transactions": lambda file: file.overlaps(opened, step.end),
        }

    return _plan_of_steps(connection, settings, as_of, suite, "spend.steps", read_for)


def waiting_step_plan(connection: duckdb.DuckDBPyConnection, settings: Settings, as_of: date, suite: Suite) -> StepPlan:
    """Return which units answer what a suite asks about steps under a version of the reference set that waits.

    Args:
        connection: A warehouse connection.
        settings: Where the data lies.
        as_of: The date.
        suite: What is asked of its steps.
    """

    def read_for(step: spend_by_period.Period) -> dict[str, Wanted]:
        return {
            "ref.versions": lambda _: True,
            "raw.transactions": lambda file: file.overlaps(step.start, step.end),
        }

    return _plan_of_steps(connection, settings, as_of, suite, "candidates.steps", read_for)


def _plan_of_steps(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    as_of: date,
    suite: Suite,
    steps: str,
    read_for: Callable[[spend_by_period.Period], dict[str, Wanted]],
) -> StepPlan:
    files = live_files(connection)
    text = f"SELECT period_id FROM {steps} WHERE as_of = $1 AND window_name = $2 AND step = $3 ORDER BY ALL"

    def part(step: spend_by_period.Period) -> _Part:
        ids = [row[0] for row in connection.execute(text, [as_of, step.window, step.step]).fetchall()]
        names = {"window": quoted(step.window), "step": step.step, "periods": ", ".join(map(str, ids)) or "NULL"}
        batch = query("units/select_step").format(**names)
        wanted = {"spend.periods": lambda file: file.has_any(ids)} | read_for(step)
        reads = [reading(connection, settings, files, table, is_read) for table, is_read in wanted.items()]
        return _Part(Suite(suite.name, suite.table, batch, ()), tuple(reads))

    names = {f"conserves_{step.window}_{step.step}": step for step in spend_by_period.periods(as_of)}
    asked = {expectation.name for expectation in suite.expectations}
    return StepPlan(suite, {name: part(step) for name, step in names.items() if name in asked})
