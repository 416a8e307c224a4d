"""What a backfill is about to do, and what it came to, as small tables for the terminal and for Prefect's pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tasks.operation.tables import Table, counted, escaped, render_markdown
from tasks.operation.windows import Which, Window
from warehouse.connection import connect
from warehouse.queries import query
from warehouse.settings import Settings

NOTHING = {
    "missing": "every date of the range has segments",
    "failed": "no backfill of a date of the range has failed",
    "stale": "nothing that the segments of the range were made from has changed",
    "all": "there is no date in the range",
}
AGAIN = "fix the cause, then run it again with which=failed (--which failed)"
# In words for a person, where the word of the table says too little.
RESULTS = {"succeeded": "rebuilt", "requested": "not begun", "running": "stopped"}


def windows_table(title: str, windows: Sequence[Window]) -> Table:
    """Return the dates as a table, with what a rebuild would change."""
    header = ("date", "transactions", "customers", "published", "late rows", "rebuild", "features", "last backfill")
    rows = (
        (
            str(window.as_of),
            f"{window.transactions:,}",
            f"{window.customers:,}",
            "yes" if window.published else "no",
            f"{window.late:,}",
            _rebuild(window),
            _features(window),
            window.last_status or "never",
        )
        for window in windows
    )
    return Table(title, header, tuple(rows))


def _rebuild(window: Window) -> str:
    if window.skipped:
        return f"skipped: {window.skipped}"
    if not window.published:
        return "yes: never released"
    why = ["let go of by retention"] * window.gone + [window.moved] * bool(window.moved)
    return f"yes: {', '.join(why)}" if why else "nothing to do"


def _features(window: Window) -> str:
    """Return what becomes of its features, in a few words."""
    if window.skipped:
        return ""
    if window.gone:
        return "let go of"
    return "kept" if window.kept else "until the next maintenance"


def plan_lines(windows: Sequence[Window], which: Which) -> list[str]:
    """Return in a few lines what a backfill of these dates does: how many it works on, skips and does not keep.

    Args:
        windows: The dates.
        which: How they were chosen.
    """
    if not windows:
        return [f"Nothing to do: {NOTHING[which]}."]
    skipped = sum(bool(window.skipped) for window in windows)
    current = sum(window.current and not window.skipped for window in windows)
    parts = [counted(len(windows) - skipped - current, "date", " to rebuild")]
    parts += [f"{current:,} up to date"] * bool(current) + [f"{skipped:,} skipped"] * bool(skipped)
    return [f"{', '.join(parts)}; newest first.", *_passing(windows)]


def _passing(windows: Sequence[Window]) -> list[str]:
    passing = sum(not (window.kept or window.skipped) for window in windows)
    if not passing:
        return []
    return [
        f"{passing} of {counted(len(windows), 'date')}: more than MICROSEG_KEEP_DAYS before the newest published one "
        "and no month end, so the next maintenance lets go of their features again; their segments stay."
    ]


@dataclass(frozen=True)
class Rebuilt:
    """What became of one date of a backfill.

    Attributes:
        as_of: Business date.
        status: As in ops.backfill.
        customers: Rows in segments.by_date; None unless it succeeded.
        seconds: From its start to its end; None while it has not ended.
        model: Version of the model that it was released with; None unless it succeeded.
        snapshot: From which a reader sees it, `AT (VERSION => ...)`; None unless it succeeded.
        message: Why it failed, first line; empty otherwise.
    """

    as_of: date
    status: str
    customers: int | None
    seconds: float | None
    model: str | None
    snapshot: int | None
    message: str


def read_rebuilt(settings: Settings, since: datetime) -> list[Rebuilt]:
    """Return the dates whose rebuilding was asked for since a moment, newest date first.

    Args:
        settings: The warehouse.
        since: Moment before the backfill, with its time zone.
    """
    with connect(settings, read_only=True) as connection:
        asked = connection.execute(query("ops/select_rebuilt"), {"since": since.isoformat()}).fetchall()
    return [Rebuilt(*row) for row in asked]


def rebuilt_table(rebuilt: Sequence[Rebuilt]) -> Table:
    """Return what became of each date, with the reason where one failed or was skipped."""
    rows = tuple(
        (
            str(one.as_of),
            RESULTS.get(one.status, one.status),
            "" if one.customers is None else f"{one.customers:,}",
            "" if one.seconds is None else f"{one.seconds:,.1f}",
            one.model or "",
            "" if one.snapshot is None else str(one.snapshot),
            one.message,
        )
        for one in rebuilt
    )
    header = ("date", "result", "customers", "seconds", "model", "snapshot", "reason")
    return Table("Result of each date", header, rows)


def rebuilt_line(rebuilt: Sequence[Rebuilt]) -> str:
    """Return the result of a backfill in one line.

    >>> day, more = date(2026, 1, 31), (None, None, None, None, "")
    >>> rebuilt_line([Rebuilt(day, "succeeded", *more), Rebuilt(day, "skipped", *more)])
    '1 of 2 dates rebuilt, 1 skipped.'
    """
    done, skipped = (sum(one.status == status for one in rebuilt) for status in ("succeeded", "skipped"))
    owed = sum(one.status not in {"succeeded", "skipped", "dismissed"} for one in rebuilt)
    line = f"{done} of {counted(len(rebuilt), 'date')} rebuilt" + f", {skipped} skipped" * bool(skipped)
    return f"{line}, {owed} still to do; {AGAIN}." if owed else f"{line}."


def preview_page(title: str, windows: Sequence[Window], which: Which, dry_run: bool) -> str:
    """Return what a backfill is about to do in Markdown, the verdict first.

    Args:
        title: Names the range.
        windows: Its dates.
        which: How they were chosen.
        dry_run: Whether nothing is written.
    """
    verdict = "Nothing was written: this is a dry run." if dry_run and windows else ""
    lines = [line for line in (verdict, *plan_lines(windows, which)) if line]
    after = "To rebuild them: run it again with dry_run switched off." if dry_run and windows else ""
    table = render_markdown(windows_table("What there is for each date", windows)) if windows else ""
    return "\n\n".join(part for part in (f"# {escaped(title)}", *lines, after, table) if part)


def result_page(title: str, rebuilt: Sequence[Rebuilt]) -> str:
    """Return what a backfill came to in Markdown, the verdict first.

    Args:
        title: Names the range.
        rebuilt: Its dates.
    """
    return "\n\n".join([f"# {escaped(title)}: {rebuilt_line(rebuilt)}", render_markdown(rebuilt_table(rebuilt))])
