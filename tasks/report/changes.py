"""Changes: how sizes of segments differ from an earlier date, and what moves between two dates add up to."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from model.vocabulary import GONE, NEW, OTHER
from tasks.report.content import Report, Segment
from tasks.report.content_beside import Moves


@dataclass(frozen=True)
class Change:
    """A segment's size on two dates; `before` and `by` are None where they may not be told.

    Attributes:
        segment: At the later date.
        before: Customers at the earlier date.
        by: Customers more or, below zero, fewer.
        part: The change as a share of `before`.
    """

    segment: Segment
    before: int | None
    by: int | None
    part: float | None


@dataclass(frozen=True)
class Movement:
    """What moves between two dates add up to.

    Attributes:
        moves: The moves.
        stayed: Customers in the same segment on both dates.
        moved: Customers in another one.
        came: New customers.
        left: Customers who are gone.
        untold: Customers of whom the segment on one of the dates, or on both, is kept back; they may have stayed.
    """

    moves: Moves
    stayed: int
    moved: int
    came: int
    left: int
    untold: int

    @property
    def kept(self) -> float | None:
        """Of those who are there on both dates, the share that stayed; None where that may not be told."""
        both = self.stayed + self.moved
        return self.stayed / both if both and not self.untold else None


def size_at(segment: Segment, when: date) -> int | None:
    """Return a segment's customers at a date; None where it was not published or may not be told."""
    return next((sized.customers for sized in segment.trend if sized.as_of == when), None)


def change_since(segment: Segment, when: date) -> Change:
    """Compare a segment's size with that of an earlier date."""
    before = size_at(segment, when)
    if before is None:
        return Change(segment, None, None, None)
    by = segment.customers - before
    return Change(segment, before, by, by / before if before else None)


def changes_since(report: Report, when: date) -> list[Change]:
    """Compare all segments with an earlier date: what grows most first, what may not be told last."""
    changes = [change_since(segment, when) for segment in report.segments]
    return sorted(changes, key=lambda change: (change.by is None, -(change.by or 0), change.segment.code))


def growing(changes: Sequence[Change]) -> list[Change]:
    """Return those that grew, most first."""
    return [change for change in changes if change.by is not None and change.by > 0]


def shrinking(changes: Sequence[Change]) -> list[Change]:
    """Return those that shrank, most first."""
    return [change for change in reversed(changes) if change.by is not None and change.by < 0]


def movement(moves: Moves) -> Movement:
    """Add moves up, each by what may be told of it."""
    totals = Counter[str]()
    for origin, target, customers in moves.rows:
        totals[_kind(origin, target)] += customers
    return Movement(moves, totals["stayed"], totals["moved"], totals["came"], totals["left"], totals["untold"])


def _kind(origin: str, target: str) -> str:
    if OTHER in (origin, target):
        return "untold"
    if origin == NEW or target == GONE:
        return "came" if origin == NEW else "left"
    return "stayed" if origin == target else "moved"


def largest_moves(moves: Moves) -> list[tuple[str, str, int]]:
    """Return the moves between two different segments, largest first."""
    rows = [row for row in moves.rows if _kind(row[0], row[1]) == "moved"]
    return sorted(rows, key=lambda row: (-row[2], row[0], row[1]))


def stays(origin: str, target: str) -> bool:
    """Whether a move is none; what is kept back may be one."""
    return _kind(origin, target) == "stayed"


def may_be_told(origin: str, target: str) -> bool:
    """Whether both ends of a move are told."""
    return _kind(origin, target) != "untold"
