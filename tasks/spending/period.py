"""One period: its days, and the statements that sum them, on the lake or on a lone engine."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

import duckdb

from warehouse.queries import query


class Period(NamedTuple):
    """The days of a period, from start to before end."""

    start: date
    end: date
    period_id: int


class Step(NamedTuple):
    """One step of a window of a date: the period of the days from start to before end."""

    window: str
    number: int
    start: date
    end: date
    period_id: int

    @property
    def period(self) -> Period:
        """The period, without the place that it has in a window."""
        return Period(self.start, self.end, self.period_id)


class Counts(NamedTuple):
    """What was written of a period, and what counts as zero.

    Attributes:
        rows: Sums above zero, written.
        below_zero: Sums whose refunds outweigh the purchases.
        customers: Customers with one of those.
        refunded: What those come to, units of currency, at most zero.
    """

    rows: int = 0
    below_zero: int = 0
    customers: int = 0
    refunded: Decimal = Decimal(0)

    def plus(self, other: "Counts") -> "Counts":
        """Return it with the counts of other customers."""
        return Counts(
            self.rows + other.rows,
            self.below_zero + other.below_zero,
            self.customers + other.customers,
            self.refunded + other.refunded,
        )


def write_period(connection: duckdb.DuckDBPyConnection, period: Period, open_month: date) -> Counts:
    """Sum a period and write it.

    Args:
        connection: Inside a transaction of the lake, or of a lone engine.
        period: Its days and its id.
        open_month: First day of the month that is summed from raw rows, up to the end of the period.
    """
    days = {"period_start": period.start, "period_end": period.end, "open_month": open_month}
    connection.execute(query("spend/create_step_sums"), days)
    return write_sums(connection, period)


def write_sums(connection: duckdb.DuckDBPyConnection, period: Period) -> Counts:
    """Write a period from the temporary table ``step_sums``: customer x class, spending less refunds."""
    connection.execute(query("spend/insert_period"), {"period_id": period.period_id})
    return Counts(*connection.execute(query("spend/count_step_sums")).fetchone() or ())
