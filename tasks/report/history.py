"""History: who moved, how many kept their first trait, and how far distributions drifted, date after date."""

from collections.abc import Sequence
from datetime import date
from typing import cast

from model.rounded import share_kept
from tasks.publishing.transitions import moves_between
from tasks.report.content_beside import Drift, Kept, Moves
from tasks.report.context import Context
from tasks.report.sizes import Summaries


def read_moves(context: Context, previous: date | None, year_ago: date | None) -> list[Moves]:
    """Return the moves since the date published before and since a year ago, as far as there are such dates."""
    moves = [_since_previous(context, previous)] if previous else []
    if year_ago and year_ago != previous:
        moves.append(_moves(context, year_ago))
    return [since for since in moves if since.rows]


def _since_previous(context: Context, previous: date) -> Moves:
    rows = context.rows("select_transitions", as_of=context.as_of, previous=previous)
    published = cast("list[tuple[str, str, int]]", rows)
    if any(size < context.min_size for _, _, size in published):  # of a smaller minimum
        return _moves(context, previous)
    return Moves(previous, context.as_of, published)


def _moves(context: Context, earlier: date) -> Moves:
    shown = moves_between(context.connection, earlier, context.as_of, context.min_size)
    rows = [(before, after, size) for (before, after), size in shown.items()]
    return Moves(earlier, context.as_of, sorted(rows, key=lambda row: (-row[2], row[0], row[1])))


def read_kept(context: Context, summaries: Summaries) -> list[Kept]:
    """Return how many customers kept their first trait from each date that is shown to the next.

    Args:
        context: The release.
        summaries: Published segments of the dates that are shown.
    """
    dates = sorted(summaries)
    rows = cast("list[tuple[date, date, int, int]]", context.rows_of("select_kept", dates, dates=dates))
    segmented = {day: sum(row.customers for row in summaries[day] if row.depth) for day in dates}
    return [
        Kept(day, previous, share_kept(changed, together, context.min_size), segmented[day])
        for day, previous, together, changed in rows
    ]


def read_drift(context: Context, dates: Sequence[date]) -> list[Drift]:
    """Return the measures of drift of some dates, as they were last measured."""
    rows = context.rows_of("select_drift", dates)
    return [Drift(*cast("tuple[date, str, float, str]", row)) for row in rows]
