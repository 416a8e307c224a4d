"""Spending as a version of the reference set that is not active classes it: on the lake, or on a lone engine."""

from collections.abc import Sequence
from datetime import date, timedelta

import duckdb

from tasks.operation.provenance import MONTH_VERSION
from tasks.spending.period import Counts, Period, write_sums
from warehouse.queries import query
from warehouse.reference.content import SourceCode
from warehouse.reference.tables import create_new_codes


def create_remapped(connection: duckdb.DuckDBPyConnection, codes: Sequence[SourceCode]) -> None:
    """Make the temporary view ``remapped``: raw rows that count, with the classes of another version.

    Args:
        connection: A warehouse connection; the view lasts as long as it does.
        codes: Of the version.
    """
    create_new_codes(connection, codes)
    connection.execute(query("raw/create_row_kind"))
    connection.execute(query("candidates/create_remapped"))


def span_of(connection: duckdb.DuckDBPyConnection, as_of: date) -> tuple[date, date]:
    """Return the first day that the temporary table ``periods`` begins with, and the day after a date."""
    first_day = connection.execute("SELECT min(period_start) FROM periods").fetchall()[0][0]
    return first_day, as_of + timedelta(days=1)


def remapped_versions(
    connection: duckdb.DuckDBPyConnection, codes: Sequence[SourceCode], first_day: date, after_day: date
) -> list[tuple[date, str]]:
    """Sum days into the temporary table ``remapped_monthly``; return months with the versions of their sums.

    Args:
        connection: With the raw rows of the days.
        codes: Of the version.
        first_day: Of the days.
        after_day: Exclusive end.
    """
    create_remapped(connection, codes)
    connection.execute(query("candidates/create_monthly"), {"first_day": first_day, "after_day": after_day})
    text = query("candidates/select_month_versions").format(version=MONTH_VERSION)
    return connection.execute(text).fetchall()


def write_remapped(connection: duckdb.DuckDBPyConnection, period: Period, codes: Sequence[SourceCode]) -> Counts:
    """Sum a period from raw rows, and write it.

    Args:
        connection: With the raw rows of the period.
        period: Its days and its id.
        codes: Of the version.
    """
    create_remapped(connection, codes)
    connection.execute(query("candidates/create_monthly"), {"first_day": period.start, "after_day": period.end})
    return write_step_sums(connection, period)


def write_step_sums(connection: duckdb.DuckDBPyConnection, period: Period) -> Counts:
    """Write a period from the temporary table ``remapped_monthly``."""
    days = {"period_start": period.start, "period_end": period.end}
    connection.execute(query("candidates/create_step_sums"), days)
    return write_sums(connection, period)
