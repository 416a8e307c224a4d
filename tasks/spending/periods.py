"""Periods: spending over the six steps of both windows of a date; a span of days is written once for all of them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

import duckdb

from tasks.operation.held_periods import delete_periods, drop_unused, held_periods
from tasks.operation.provenance import PERIODS, Versions, fingerprint, is_current, period_versions, record
from tasks.spending.period import Counts, Step, write_period
from tasks.spending.period_units import TABLES, ask_all, ask_version
from tasks.units.progress import Progress, silent
from tasks.units.unit import Ask, Crew, in_transaction_by_units
from warehouse.connection import connect
from warehouse.queries import query, quoted
from warehouse.settings import Settings


class Written(NamedTuple):
    """What was written of a business date, and what was not.

    Attributes:
        steps: Of both windows, whether or not their periods were there already; 0 when nothing had changed.
        periods: Those that no other date had among its steps, written now.
        rows: Sums above zero, written.
        below_zero: Sums of a customer, class and step whose refunds outweigh the purchases: they count as zero.
        customers: Customers with one of those, in the step that has most.
        refunded: What those come to, units of currency, at most zero.
    """

    steps: int = 0
    periods: int = 0
    rows: int = 0
    below_zero: int = 0
    customers: int = 0
    refunded: Decimal = Decimal(0)

    def and_period(self, counts: Counts) -> "Written":
        """Return it with one more period."""
        return Written(
            self.steps,
            self.periods + 1,
            self.rows + counts.rows,
            self.below_zero + counts.below_zero,
            max(self.customers, counts.customers),
            self.refunded + counts.refunded,
        )

    def told(self, least: int) -> str:
        """Return the outcome in words; what few customers were refunded could be known as one person's.

        Args:
            least: Fewest customers whose amounts may be told together.
        """
        if not self.steps:
            return "unchanged since the last run"
        outcome = f"{self.periods} of {self.steps} periods written, the others stand"
        if self.periods == self.steps:
            outcome = "rows written"
        if not self.below_zero:
            return outcome
        amount = f" ({self.refunded:,.2f})" if self.customers >= least else ""
        return (
            f"{outcome}; {self.below_zero:,} sums of a class in a step are below zero{amount}, since refunds "
            "outweigh purchases, and count as zero"
        )


# Fills spend.periods with some steps; yields the counts of each.
Write = Callable[[Sequence[Step]], Iterable[Counts]]


def refresh_by_period(
    settings: Settings, as_of: date, run_id: str, progress: Progress = silent, crew: Crew | None = None
) -> Written:
    """Give a business date the six steps of both windows that end at it, as one transaction.

    A period that another date has among its steps, made from the same months, is not written again.

    Args:
        settings: Settings of the warehouse.
        as_of: Last day of the newest step, inclusive.
        run_id: Recorded as the writer.
        progress: Called with periods done and in total.
        crew: Sums the periods elsewhere; None: they are summed here.

    Returns:
        What was written; no steps when those of this date already come from these very inputs.
    """

    def refresh(versions: Versions, write: Write) -> Written:
        connection.execute(query("spend/create_periods"), {"as_of": as_of})
        steps = dated_steps(connection, versions)
        is_refused = not _refused(connection).isdisjoint(step.period_id for step in steps)
        if is_current(connection, as_of, PERIODS, versions) and not is_refused:
            return Written()
        connection.execute(query("raw/take_turn"), {"load_id": f"periods {as_of}"})
        record(connection, as_of, PERIODS, versions, run_id)
        written = write_periods(connection, steps, write)
        replace_steps(connection, as_of, steps)
        return written

    def here(steps: Sequence[Step]) -> Iterator[Counts]:
        for done, step in enumerate(steps):
            progress(done, len(steps), f"{step.period.start}")
            yield write_period(connection, step.period, as_of.replace(day=1))

    def refresh_by(ask: Ask | None) -> Written:
        if ask is None:
            return refresh(period_versions(connection, as_of), here)
        if (versions := ask_version(connection, settings, as_of, ask)) is None:
            return Written()
        return refresh(versions, lambda steps: ask_all(connection, settings, steps, as_of.replace(day=1), ask))

    with connect(settings) as connection:
        return in_transaction_by_units(connection, refresh_by, crew, TABLES, settings.commit_attempts, progress)


def dated_steps(connection: duckdb.DuckDBPyConnection, versions: Versions) -> list[Step]:
    """Return the steps of the temporary table ``periods``, with the id that each period has under some versions.

    Args:
        connection: ``periods`` is filled.
        versions: Of the months by their names, and of the code that sums them.
    """
    text = "SELECT window_name, step, period_start, period_end FROM periods ORDER BY window_name, step"
    spans = connection.execute(text).fetchall()
    return [Step(window, number, start, end, period_id(versions, start, end)) for window, number, start, end in spans]


def period_id(versions: Versions, start: date, end: date) -> int:
    """Return the id of a period: equal spans of equal months summed by the same code have one, whatever their date.

    Args:
        versions: Of the months by their names (``2025-01``), and of the code.
        start: First day.
        end: Exclusive end.

    Returns:
        63 bits of a hash.
    """
    first, last = f"{start:%Y-%m}", f"{end - timedelta(days=1):%Y-%m}"
    months = [f"{name}={version}" for name, version in sorted(versions.items()) if first <= name <= last]
    return int(fingerprint(str(start), str(end), versions["code"], *months), 16) >> 1


def write_periods(connection: duckdb.DuckDBPyConnection, steps: Sequence[Step], write: Write) -> Written:
    """Write the periods that no date has yet, and those that a gate refused, inside a transaction.

    Args:
        connection: Inside a transaction.
        steps: Of a date.
        write: Writes those of some steps.
    """
    standing = held_periods(connection) - _refused(connection)
    missing = {step.period_id: step for step in steps if step.period_id not in standing}
    delete_periods(connection, missing)  # refused rows; or a repair has lost the steps and not the rows
    written = Written(len(steps))
    for counts in write([*missing.values()]):
        written = written.and_period(counts)
    return written


def replace_steps(connection: duckdb.DuckDBPyConnection, as_of: date, steps: Sequence[Step]) -> None:
    """Give a date its steps in place of others, inside a transaction; periods that no date has then go."""
    before = connection.execute("SELECT period_id FROM spend.steps WHERE as_of = $1", [as_of]).fetchall()
    connection.execute("DELETE FROM spend.steps WHERE as_of = $1", [as_of])
    insert_steps(connection, "spend.steps", as_of, steps)
    drop_unused(connection, [row[0] for row in before])


def insert_steps(
    connection: duckdb.DuckDBPyConnection, table: str, as_of: date, steps: Sequence[Step], reference_version: str = ""
) -> None:
    """Enter the steps of a date, inside a transaction.

    Args:
        connection: Inside a transaction.
        table: ``spend.steps``, or ``candidates.steps`` with a version.
        as_of: The business date.
        steps: Its steps.
        reference_version: The version that the steps of a candidate are under.
    """
    more = f", {quoted(reference_version)} AS reference_version" if reference_version else ""
    names = ("windows", "steps", "starts", "ends", "period_ids")
    columns = {name: [step[place] for step in steps] for place, name in enumerate(names)}
    connection.execute(query("spend/insert_steps").format(table=table, more=more), {"as_of": as_of} | columns)


def _refused(connection: duckdb.DuckDBPyConnection) -> set[int]:
    return {row[0] for row in connection.execute(query("spend/select_refused_periods")).fetchall()}
