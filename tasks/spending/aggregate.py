"""Aggregate: raw transactions into spend.monthly (only the months that changed) and spend.by_period (both windows)."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

import duckdb

from tasks.intake.ingest import Progress, silent
from tasks.operation.code_version import SPENDING, code_version
from tasks.operation.provenance import MONTH_VERSION, PERIODS, is_current, period_versions, record
from warehouse.connection import connect, in_transaction
from warehouse.queries import query
from warehouse.settings import Settings

# Small months are summed together, since every statement on the lake has its price; large ones one by one, since that
# keeps memory flat.
SUMS_AT_ONCE = 500_000
MONTHS_AT_ONCE = 12
Span = tuple[date, date]  # the first day of a month and of the next


def refresh_monthly(settings: Settings, progress: Progress = silent) -> int:
    """Sum the stale months again and clear their marks, as one transaction.

    Args:
        settings: Settings of the warehouse.
        progress: Called with months done and in total.

    Returns:
        Number of months refreshed; 0 when nothing had changed.
    """
    with connect(settings) as connection:
        return in_transaction(connection, lambda: _refresh_stale(connection, progress), settings.commit_attempts)


def _refresh_stale(connection: duckdb.DuckDBPyConnection, progress: Progress) -> int:
    code = code_version(*SPENDING)
    connection.execute(query("spend/create_stale"), {"code": code})
    months = connection.execute(query("spend/select_stale_months")).fetchall()
    if months:
        span = {"first_day": months[0][0], "after_day": months[-1][1]}
        # Once and first: a delete reads every file that the transaction has already written.
        connection.execute(query("spend/delete_monthly"), span)
        _sum_all(connection, months, progress)
        connection.execute("DELETE FROM spend.months WHERE month IN (SELECT month FROM stale)")
        connection.execute(query("spend/insert_months").format(version=MONTH_VERSION), span | {"code": code})
    connection.execute("DELETE FROM raw.stale_months")
    connection.execute("UPDATE raw.loads SET status = 'published' WHERE status = 'pending'")
    return len(months)


def _sum_all(connection: duckdb.DuckDBPyConnection, months: Sequence[Span], progress: Progress) -> None:
    done, at_once = 0, 1
    while done < len(months):
        progress(done, len(months))
        batch = _consecutive(months[done:], at_once)
        sums = _sum_months(connection, *batch)
        done += len(batch)
        at_once = max(1, min(MONTHS_AT_ONCE, SUMS_AT_ONCE * len(batch) // max(sums, 1)))


def _consecutive(months: Sequence[Span], limit: int) -> list[Span]:
    """Return the months from the first on, up to a gap or the limit."""
    batch = [months[0]]
    for before, month in pairwise(months[:limit]):
        if before[1] != month[0]:
            break
        batch.append(month)
    return batch


def _sum_months(connection: duckdb.DuckDBPyConnection, first: Span, *others: Span) -> int:
    """Sum consecutive months; return the number of sums, which tells how many of the next to take at once."""
    span = {"first_day": first[0], "after_day": others[-1][1] if others else first[1]}
    # A month of its own is not worked out row by row: a third key makes grouping slower by a fifth.
    month = "date_trunc('month', booked_on)::DATE" if others else "$first_day"
    written = connection.execute(query("spend/insert_monthly").format(month=month), span).fetchone()
    return int(written[0]) if written else 0


def refresh_by_period(settings: Settings, as_of: date, run_id: str, progress: Progress = silent) -> int:
    """Write spending over the six steps of both windows that end at a business date, as one transaction.

    Args:
        settings: Settings of the warehouse.
        as_of: Last day of the newest step, inclusive.
        run_id: Recorded as the writer.
        progress: Called with steps done and in total.

    Returns:
        Number of rows written; 0 when the tables of this date already come from these very inputs.
    """

    def refresh() -> int:
        versions = period_versions(connection, as_of)
        if is_current(connection, as_of, PERIODS, versions):
            return 0
        record(connection, as_of, PERIODS, versions, run_id)
        return _write_periods(connection, as_of, progress)

    with connect(settings) as connection:
        return in_transaction(connection, refresh, settings.commit_attempts)


def _write_periods(connection: duckdb.DuckDBPyConnection, as_of: date, progress: Progress) -> int:
    connection.execute(query("spend/create_periods"), {"as_of": as_of})
    columns = "window_name, step, period_start, period_end, open_month"
    periods = connection.execute(f"SELECT {columns} FROM periods ORDER BY window_name, step").fetchall()
    connection.execute(query("spend/delete_by_period"), {"as_of": as_of})
    rows = 0
    for done, (window_name, step, start, end, open_month) in enumerate(periods):
        progress(done, len(periods))
        span = {"period_start": start, "period_end": end}
        connection.execute(query("spend/create_step_sums"), span | {"open_month": open_month})
        target = {"as_of": as_of, "window_name": window_name, "step": step}
        connection.execute(query("spend/insert_by_period"), span | target)
        rows += _count(connection, "step_sums")
    return rows


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0
