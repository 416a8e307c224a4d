"""Segments: the published segments of a date, what sets each apart, and the tree that they form."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import cast

from model.disclosure import pooled_words
from model.rounded import count_within, told_cells
from model.vocabulary import OTHER
from tasks.report.content import NEAR, Branch, Lift, Segment, Sized
from tasks.report.context import Context
from tasks.report.sizes import Row, Summaries, trend
from tasks.report.words import description, traits_of

SHOWN = 5  # classes on either side
Counts = Mapping[tuple[str, str], int]
Lifts = tuple[list[Lift], list[Lift]]


def read_segments(context: Context, rows: Sequence[Row], summaries: Summaries) -> list[Segment]:
    """Return the segments of a date, largest first.

    Args:
        context: The release.
        rows: Its segments, as they may be told.
        summaries: Published segments of all dates that are shown.
    """
    total = sum(row.customers for row in rows)
    published = {row.segment: row.customers for row in summaries[context.as_of]}
    lifts = _read_lifts(context, published)
    near = _read_near(context)

    def segment(row: Row) -> Segment:
        # What small segments were merged into has no classes of its own.
        own = lifts.get(row.segment) if published.get(row.segment) == row.customers else None
        return _segment(row, total, trend(summaries, row.segment, context.min_size), own or ([], []), near, context)

    return [segment(row) for row in rows]


def _segment(row: Row, total: int, sizes: Sequence[Sized], lifts: Lifts, near: Counts, context: Context) -> Segment:
    (more, less), min_size = lifts, context.min_size
    behind = {name: size for (segment, name), size in near.items() if segment == row.segment}
    close = count_within(sum(behind.values()), row.customers, min_size) if row.depth else None
    return Segment(
        code=row.segment,
        words=traits_of(row.segment),
        description=description(row.segment, more, less),
        depth=row.depth,
        customers=row.customers,
        share=row.customers / total,
        trend=sizes,
        memberships=row.memberships,
        more=more,
        less=less,
        margin=row.margin,
        near=close,
        towards=towards(behind, min_size) if close else [],
    )


def towards(behind: Mapping[str, int], min_size: int) -> list[tuple[str, int]]:
    """Return the segments that those near a boundary are near to, largest first, as far as they may be told.

    Args:
        behind: Customers by the segment behind the boundary, those of none that may be named under an empty name;
            enough together.
        min_size: Fewest customers of a group that may be seen.

    >>> towards({"E.A": 40, "C": 25, "O": 3, "": 1}, 20)
    [('E.A', 40)]
    """
    sizes = {name or OTHER: size for name, size in behind.items()}
    shown = pooled_words(sizes, min_size, OTHER)
    named = [(name, size) for name, size in sizes.items() if shown[name] == name != OTHER]
    return sorted(named, key=lambda pair: (-pair[1], pair[0]))


def _read_near(context: Context) -> Counts:
    rows = context.rows("select_near", as_of=context.as_of, degrees=NEAR)
    return {(str(segment), str(name)): cast("int", size) for segment, name, size in rows}


def _read_lifts(context: Context, published: Mapping[str, int]) -> dict[str, Lifts]:
    """Return by segment the classes on which it spends more and less than usual."""
    sums: dict[int, dict[str, tuple[int, float]]] = defaultdict(lambda: dict.fromkeys(published, (0, 0.0)))
    for segment, class_id, spenders, share in context.rows("select_lifts", **context.dated):
        sums[cast("int", class_id)][str(segment)] = cast("int", spenders), cast("float", share)
    lifts: dict[str, list[Lift]] = defaultdict(list)
    for class_id, of_class in sorted(sums.items()):
        label = context.labels.get(class_id, f"class {class_id}")
        for segment, lift in class_lifts(label, of_class, published, context.min_size).items():
            lifts[segment].append(lift)
    return {segment: _ranked(of_segment) for segment, of_segment in lifts.items()}


def class_lifts(
    label: str, sums: Mapping[str, tuple[int, float]], published: Mapping[str, int], min_size: int
) -> dict[str, Lift]:
    """Return a class's mean share in each segment beside everybody's, where that tells of no small group.

    Args:
        label: The class.
        sums: By segment: customers who spend on it, and the sum of all customers' mean shares.
        published: Sizes of the segments.
        min_size: Fewest customers of a group that may be seen.
    """
    usual = sum(share for _, share in sums.values()) / sum(published.values())
    shown = told_cells({segment: spenders for segment, (spenders, _) in sums.items()}, min_size)
    return {
        segment: Lift(label, share / published[segment], usual)
        for segment, (_, share) in sums.items()
        if segment in shown
    }


def _ranked(lifts: Sequence[Lift]) -> Lifts:
    more = sorted((lift for lift in lifts if lift.share > lift.usual), key=lambda lift: lift.usual - lift.share)
    less = sorted((lift for lift in lifts if lift.share < lift.usual), key=lambda lift: lift.share - lift.usual)
    return more[:SHOWN], less[:SHOWN]


def branches(rows: Sequence[Row]) -> list[Branch]:
    """Return the tree of the published segments, parents before children: every node is a sum of published sizes."""
    own = {row.segment: row.customers for row in rows if row.depth}
    below: dict[str, int] = defaultdict(int)
    for segment, customers in own.items():
        traits = segment.split(".")
        for depth in range(1, len(traits) + 1):
            below[".".join(traits[:depth])] += customers
    return [
        Branch(code, code.count(".") + 1, customers, own.get(code, 0), code.rpartition(".")[0])
        for code, customers in sorted(below.items(), key=lambda item: (item[0].count("."), item[0]))
    ]
