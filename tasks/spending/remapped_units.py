"""Periods under a version that is not active, by units: months for their versions, then periods by customers."""

from collections.abc import Sequence
from datetime import date
from functools import reduce

import duckdb

from tasks.spending.period import Counts, Step
from tasks.spending.remapped import remapped_versions, span_of, write_remapped
from tasks.units.buckets import customer_ranges
from tasks.units.months import Span, batches, months_between
from tasks.units.unit import Ask, Unit
from warehouse.reference.content import SourceCode
from warehouse.registered import reading, register, writing
from warehouse.settings import Settings
from warehouse.stored import live_files

# Whose rows have to lie in files.
TABLES = ("raw.transactions", "spend.periods")
# Each reads the raw rows of its period, so they are not as many as buckets.
RANGES = 8


def ask_versions(
    connection: duckdb.DuckDBPyConnection, settings: Settings, codes: Sequence[SourceCode], as_of: date, ask: Ask
) -> list[tuple[date, str]] | None:
    """Return the months of a date with the versions of their sums; None: units have yet to sum them.

    Args:
        connection: Inside a transaction; the temporary table ``periods`` is filled.
        settings: Where the data lies.
        codes: Of the version.
        as_of: The date.
        ask: Answers to units.
    """
    files = [file for file in live_files(connection) if file.table == "raw.transactions"]

    def unit(batch: Sequence[Span]) -> Unit:
        days = batch[0][0], batch[-1][1]
        rows = reading(connection, settings, files, "raw.transactions", lambda file: file.overlaps(*days))
        return Unit(remapped_versions, (tuple(codes), *days), (rows,), ())

    answers = [ask(unit(batch)) for batch in batches(months_between(*span_of(connection, as_of)), files)]
    done = [facts for facts in answers if facts]
    return [version for facts in done for version in facts.figures] if len(done) == len(answers) else None


def ask_steps(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    codes: Sequence[SourceCode],
    steps: Sequence[Step],
    ask: Ask,
) -> list[Counts]:
    """Have steps summed, and register what was written, inside a transaction.

    Args:
        connection: Inside a transaction.
        settings: Where the data lies.
        codes: Of the version.
        steps: Whose periods are missing.
        ask: Answers to units.

    Returns:
        The counts of each step.
    """
    files, ranges = live_files(connection), customer_ranges(connection, RANGES)
    periods = writing(connection, settings, "spend.periods")

    def units(step: Step) -> list[Unit]:
        days = step.start, step.end
        rows = reading(connection, settings, files, "raw.transactions", lambda file: file.overlaps(*days))
        arguments = (step.period, tuple(codes))
        return [Unit(write_remapped, arguments, (rows.of(customers),), (periods,)) for customers in ranges]

    answers = [[ask(unit) for unit in units(step)] for step in steps]
    done = [[facts for facts in of_step if facts] for of_step in answers]
    register(connection, settings, [file for of_step in done for facts in of_step for file in facts.files])
    return [reduce(Counts.plus, (facts.figures for facts in of_step), Counts()) for of_step in done]
