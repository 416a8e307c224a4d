"""Changes: how sizes of segments differ from an earlier date, and what moves between two dates add up to."""

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
    """What moves between two dates add up to, as far as they may be told.

    Attributes:
        moves: The moves.
        stayed: Customers in the same segment on both dates.
        moved: Customers in another one.
        came: New customers.
        left: Customers who are gone.
    """

    moves: Moves
    stayed: int
    moved: int
    came: int
    left: int

    @property
    def kept(self) -> float | None:
        """Of those who are there on both dates, the share that stayed."""
        both = self.stayed + self.moved
        return self.stayed / both if both else None


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
    """Add moves up."""
    return Movement(
        moves,
        sum(customers for origin, target, customers in moves.rows if stays(origin, target)),
        sum(
            customers
            for origin, target, customers in moves.rows
            if _inside(origin, target) and not stays(origin, target)
        ),
        sum(customers for origin, _, customers in moves.rows if origin == NEW),
        sum(customers for _, target, customers in moves.rows if target == GONE),
    )


def largest_moves(moves: Moves) -> list[tuple[str, str, int]]:
    """Return the moves between two different segments, largest first."""
    rows = [row for row in moves.rows if row[0] != row[1] and _named(row[0]) and _named(row[1])]
    return sorted(rows, key=lambda row: (-row[2], row[0], row[1]))


def _named(code: str) -> bool:
    return code not in (NEW, GONE, OTHER)


def stays(origin: str, target: str) -> bool:
    """Whether a move is none; what is kept back has moved, or nobody could say that it did."""
    return origin == target != OTHER


def _inside(origin: str, target: str) -> bool:
    """Whether a move is of customers who are there on both dates; a sum of small ones is taken for such."""
    return origin != NEW and target != GONE
