"""Backfill: the state of each date in ops.backfill, from requested to its end."""

from collections.abc import Sequence
from datetime import date, datetime

from tasks.operation.status import ask
from tasks.operation.windows import Stages, Window
from warehouse.connection import connect, in_transaction
from warehouse.errors import MicrosegError
from warehouse.queries import query
from warehouse.settings import Settings


def request(settings: Settings, dates: Sequence[date], stages: Stages, run_id: str) -> None:
    """Enter every window as requested, so that a killed backfill shows what it still owes.

    Args:
        settings: Settings of the warehouse.
        dates: Business dates.
        stages: As the backfill was asked for.
        run_id: The run.
    """
    _enter(settings, [(run_id, as_of, stages, "requested", "") for as_of in dates])


def skip(settings: Settings, windows: Sequence[Window], stages: Stages, run_id: str) -> None:
    """Enter the windows of which nothing can be made as skipped, each with why; the others are left out.

    Args:
        settings: Settings of the warehouse.
        windows: Of a backfill.
        stages: As the backfill was asked for.
        run_id: The run.
    """
    _enter(settings, [(run_id, one.as_of, stages, "skipped", one.skipped) for one in windows if one.skipped])


def _enter(settings: Settings, rows: list[tuple[str, date, str, str, str]]) -> None:
    statement = query("ops/insert_backfill")
    if rows:
        with connect(settings) as connection:
            in_transaction(connection, lambda: connection.executemany(statement, rows), settings.commit_attempts)


def mark(settings: Settings, run_id: str, as_of: date, status: str, message: str = "") -> None:
    """Move a window to another status; a success takes the rows and the checksum of its segments along.

    Args:
        settings: Settings of the warehouse.
        run_id: The run.
        as_of: Business date of the window.
        status: running, succeeded, skipped or failed.
        message: Why it did not succeed; counts and keys alone.
    """
    values = {"run_id": run_id, "as_of": as_of, "status": status, "message": message, "at": datetime.now().astimezone()}
    with connect(settings) as connection:
        in_transaction(
            connection, lambda: connection.execute(query("ops/update_backfill"), values), settings.commit_attempts
        )


def without_segments(settings: Settings, as_of: date) -> str:
    """Return why a date that was rebuilt is no success: nobody is in a segment; empty where somebody is."""
    with connect(settings, read_only=True) as connection:
        counts = connection.execute(query("ops/count_segmented"), {"as_of": as_of}).fetchone() or (0, 0)
    customers, segmented = counts
    if segmented:
        return ""
    return (
        f"nobody can be segmented: of {customers:,} customers none is in a segment, "
        f"which takes {settings.min_active_steps} steps with spending"
    )


def dismiss(settings: Settings, as_of: date) -> str:
    """Give a date up whose backfill failed, or was stopped, and that can never succeed.

    Args:
        settings: Settings of the warehouse.
        as_of: Business date.

    Returns:
        What its newest backfill said.

    Raises:
        MicrosegError: The newest backfill of the date did not fail; the message names the dates whose did.
    """
    failed = dict(ask(settings, "failed_windows") + ask(settings, "cancelled_windows"))
    if str(as_of) not in failed:
        others = f"those that did: {', '.join(failed)}" if failed else "nor did any other"
        raise MicrosegError(f"the newest backfill of {as_of} did not fail; {others}")
    statement = query("ops/dismiss_backfill")
    with connect(settings) as connection:
        in_transaction(connection, lambda: connection.execute(statement, {"as_of": as_of}), settings.commit_attempts)
    return failed[str(as_of)]
