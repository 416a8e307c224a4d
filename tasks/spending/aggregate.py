"""Aggregate: raw transactions into spend.monthly, only the months that changed."""

from collections.abc import Callable, Sequence

import duckdb

from tasks.operation.code_version import SPENDING, code_version
from tasks.operation.provenance import MONTH_VERSION
from tasks.units.months import MONTHS_AT_ONCE, Span, batches, consecutive
from tasks.units.progress import Progress, silent
from tasks.units.unit import Ask, Crew, Unit, in_transaction_by_units
from warehouse.connection import connect
from warehouse.queries import query
from warehouse.registered import reading, register, writing
from warehouse.settings import Settings
from warehouse.stored import live_files

# Small months are summed together, since every statement on the lake has its price; large ones one by one, since that
# keeps memory flat.
SUMS_AT_ONCE = 500_000
# That units read and write.
TABLES = ("raw.transactions", "spend.monthly")
# Fills spend.monthly with some months.
SumAll = Callable[[Sequence[Span]], None]


def refresh_monthly(settings: Settings, progress: Progress = silent, crew: Crew | None = None) -> int:
    """Sum the stale months again and clear their marks, as one transaction.

    Args:
        settings: Settings of the warehouse.
        progress: Called with months done and in total.
        crew: Sums the months elsewhere; None: they are summed here.

    Returns:
        Number of months refreshed; 0 when nothing had changed.
    """

    def refresh(ask: Ask | None) -> int:
        if ask is None:
            return refresh_stale(connection, progress)
        return refresh_stale(connection, sum_all=lambda months: _ask_all(connection, settings, months, ask))

    with connect(settings) as connection:
        return in_transaction_by_units(connection, refresh, crew, TABLES, settings.commit_attempts, progress)


def refresh_stale(
    connection: duckdb.DuckDBPyConnection, progress: Progress = silent, sum_all: SumAll | None = None
) -> int:
    """Sum the stale months again and clear their marks, inside a transaction.

    Args:
        connection: Inside a transaction.
        progress: Called with months done and in total.
        sum_all: Fills spend.monthly; None: from here.

    Returns:
        How many there were.
    """
    code = code_version(*SPENDING)
    connection.execute(query("spend/create_stale"), {"code": code})
    months = connection.execute(query("spend/select_stale_months")).fetchall()
    if months:
        span = {"first_day": months[0][0], "after_day": months[-1][1]}
        # Once and first: a delete reads every file that the transaction has already written.
        connection.execute(query("spend/delete_monthly"), span)
        (sum_all or (lambda spans: _sum_all(connection, spans, progress)))(months)
        connection.execute("DELETE FROM spend.months WHERE month IN (SELECT month FROM stale)")
        connection.execute(query("spend/insert_months").format(version=MONTH_VERSION), span | {"code": code})
    connection.execute("DELETE FROM raw.stale_months")
    connection.execute("UPDATE raw.loads SET status = 'published' WHERE status = 'pending'")
    return len(months)


def _sum_all(connection: duckdb.DuckDBPyConnection, months: Sequence[Span], progress: Progress) -> None:
    done, at_once = 0, 1
    while done < len(months):
        progress(done, len(months), f"{months[done][0]:%Y-%m}")
        batch = consecutive(months[done:], at_once)
        sums = _sum_months(connection, *batch)
        done += len(batch)
        at_once = max(1, min(MONTHS_AT_ONCE, SUMS_AT_ONCE * len(batch) // max(sums, 1)))


def _sum_months(connection: duckdb.DuckDBPyConnection, first: Span, *others: Span) -> int:
    """Sum consecutive months; return the number of sums, which tells how many of the next to take at once."""
    span = {"first_day": first[0], "after_day": others[-1][1] if others else first[1]}
    # A month of its own is not worked out row by row: a third key makes grouping slower by a fifth.
    month = "date_trunc('month', booked_on)::DATE" if others else "$first_day"
    written = connection.execute(query("spend/insert_monthly").format(month=month), span).fetchone()
    return int(written[0]) if written else 0


def _ask_all(connection: duckdb.DuckDBPyConnection, settings: Settings, months: Sequence[Span], ask: Ask) -> None:
    """Let months be summed by themselves, from the raw rows of their files, and register the sums."""
    files = live_files(connection)
    sums = writing(connection, settings, "spend.monthly")

    def unit(batch: Sequence[Span]) -> Unit:
        days = batch[0][0], batch[-1][1]
        raw = reading(connection, settings, files, "raw.transactions", lambda file: file.overlaps(*days))
        return Unit(_sum_months, tuple(batch), (raw,), (sums,))

    rows = [file for file in files if file.table == "raw.transactions"]
    answers = [ask(unit(batch)) for batch in batches(months, rows)]
    register(connection, settings, [file for facts in answers if facts for file in facts.files])
