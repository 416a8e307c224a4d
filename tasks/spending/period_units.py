"""Periods by units: each period of each bucket of customers is summed by itself, wherever."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import reduce

import duckdb

from tasks.operation.provenance import Versions, named_versions, open_version
from tasks.spending.period import Counts, Period, Step, write_period
from tasks.units.buckets import customer_buckets
from tasks.units.unit import Ask, Unit
from warehouse.registered import reading, register, writing
from warehouse.settings import Settings
from warehouse.stored import live_files

# Whose rows have to lie in files.
TABLES = ("raw.transactions", "spend.monthly", "spend.periods")


def ask_version(connection: duckdb.DuckDBPyConnection, settings: Settings, as_of: date, ask: Ask) -> Versions | None:
    """Return what the periods of a date are a function of, whose open month a unit reads; None: it has yet to.

    Args:
        connection: Inside a transaction.
        settings: Where the data lies.
        as_of: The date.
        ask: Answers to units.
    """
    days = as_of.replace(day=1), as_of + timedelta(days=1)
    rows = reading(connection, settings, live_files(connection), "raw.transactions", lambda file: file.overlaps(*days))
    facts = ask(Unit(open_version, (as_of,), (rows,), ()))
    return named_versions(connection, as_of, facts.figures) if facts else None


def ask_all(
    connection: duckdb.DuckDBPyConnection, settings: Settings, steps: Sequence[Step], open_month: date, ask: Ask
) -> list[Counts]:
    """Have steps summed, and register what was written, inside a transaction.

    Args:
        connection: Inside a transaction.
        settings: Where the data lies.
        steps: Whose periods are missing.
        open_month: First day of the month that is summed from raw rows.
        ask: Answers to units.

    Returns:
        The counts of each step.
    """
    files = live_files(connection)
    buckets = customer_buckets(connection)
    periods = writing(connection, settings, "spend.periods")

    def units(period: Period) -> list[Unit]:
        closed, opened = (period.start, min(period.end, open_month)), (max(period.start, open_month), period.end)
        sums = reading(connection, settings, files, "spend.monthly", lambda file: file.overlaps(*closed))
        rows = reading(connection, settings, files, "raw.transactions", lambda file: file.overlaps(*opened))
        return [
            Unit(write_period, (period, open_month), (sums.of(bucket), rows.of(bucket)), (periods,))
            for bucket in buckets
        ]

    answers = [[ask(unit) for unit in units(step.period)] for step in steps]
    done = [[facts for facts in of_step if facts] for of_step in answers]
    register(connection, settings, [file for of_step in done for facts in of_step for file in facts.files])
    return [reduce(Counts.plus, (facts.figures for facts in of_step), Counts()) for of_step in done]
