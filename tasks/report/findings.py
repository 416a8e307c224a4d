"""Findings: what the page says in sentences, each made from the figures that are shown beside it."""

from collections.abc import Sequence
from datetime import date

from tasks.report.changes import Change, Movement, changes_since, growing, largest_moves, shrinking
from tasks.report.charts.icicle import children
from tasks.report.content import AngleMap, Branch, Path, Report, Segment
from tasks.report.content_beside import Kept
from tasks.report.names import is_order, name_of
from tasks.report.phrases import counted, day, degrees, listed, number, part, percent

NAMED = 3


def named(code: str) -> str:
    """Return a segment's name in the middle of a sentence, its code beside it.

    >>> named("E.A"), named("withheld")
    ('extraversion then agreeableness (E.A)', 'groups too small to show')
    """
    name = name_of(code)
    lowered = name[:1].lower() + name[1:]
    return f"{lowered.replace(',', '')} ({code})" if is_order(code) else lowered


def largest(report: Report) -> Segment | None:
    """Return the largest segment of at least one trait."""
    return max((each for each in report.segments if each.depth), key=lambda each: each.customers, default=None)


def headline(report: Report) -> str:
    """Return the night in one sentence."""
    release = report.release
    if not release.customers:
        return f"No customer is known on {day(release.as_of)}."
    where = counted(release.segments, "segment")
    text = f"{counted(release.segmented, 'customer')}, {part(release.segmented / release.customers)} of "
    text += f"{number(release.customers)}, are in {where}"
    if release.segmented == release.customers:
        text = f"All {counted(release.customers, 'customer')} are in {where}"
    biggest = largest(report)
    if biggest is not None:
        text += f"; the largest is {named(biggest.code)} with {counted(biggest.customers, 'customer')}"
    return f"{text}{_since_last(report)}."


def _since_last(report: Report) -> str:
    previous = report.release.previous
    if previous is None:
        return ", and this is the first date that is published"
    changes = [change for change in changes_since(report, previous) if change.segment.depth]
    up, down = growing(changes)[:1], shrinking(changes)[:1]
    if not up and not down:
        return f"; no size has changed since {day(previous)}"
    ends = [f"{named(change.segment.code)} grew most (by {abs(change.by or 0):,})" for change in up]
    ends += [f"{named(change.segment.code)} shrank most (by {abs(change.by or 0):,})" for change in down]
    return f"; since {day(previous)}, {listed(ends)}"


def _by(change: Change) -> str:
    by = change.by or 0
    return f"{abs(by):,} {'more' if by > 0 else 'fewer'}"


def freshness(report: Report) -> str:
    """Return how new the newest purchase is."""
    release = report.release
    if release.newest_booking is None:
        return "There is no purchase up to this date."
    silent = release.silent_days
    if not silent:
        return f"The newest purchase is of {day(release.newest_booking)}, the very day."
    newest = day(release.newest_booking)
    return f"The newest purchase is of {newest}, {counted(silent, 'day')} before the date of this page."


def growth(changes: Sequence[Change], since: date) -> str:
    """Return what grew and what shrank, in a sentence or two."""
    up, down = growing(changes), shrinking(changes)
    if not up and not down:
        return f"No segment whose size may be told has changed since {day(since)}."
    told = [change for change in changes if change.by is not None]
    sides = [_side(up, "grew"), _side(down, "shrank")]
    unchanged = len(told) - len(up) - len(down)
    sides += [f"{counted(unchanged, 'segment')} kept {'its' if unchanged == 1 else 'their'} size"] * bool(unchanged)
    return f"Since {day(since)}, " + "; ".join(side for side in sides if side) + "."


def _side(changes: Sequence[Change], verb: str) -> str:
    if not changes:
        return ""
    most = changes[0]
    text = f"{counted(len(changes), 'segment')} {verb}, most of all {named(most.segment.code)}: {_by(most)}"
    return text + (f" ({percent(abs(most.part))})" if most.part is not None else "")


def hierarchy(branches: Sequence[Branch]) -> str:
    """Return how customers divide by their first trait."""
    first = children(branches).get("", [])
    total = sum(branch.customers for branch in first)
    if not total:
        return "No customer has a segment of at least one trait."
    parts = [f"{percent(branch.customers / total, 0)} {name_of(branch.code).lower()}" for branch in first]
    return f"By the strongest trait, customers divide into {listed(parts)}."


def crowded(angles: AngleMap) -> str:
    """Return where on the map most customers are; counts of bins are rounded down."""
    told = [count for row in angles.counts for count in row if count]
    if not told:
        return "No bin of the map has enough customers to be shown."
    half, total = _bins_of_half(told), sum(told)
    return (
        f"{counted(len(told), 'bin')} of the map {'has' if len(told) == 1 else 'have'} enough customers to be shown, "
        f"at least {number(total)} in all; half of these lie in {counted(half, 'bin')}."
    )


def _bins_of_half(counts: Sequence[int]) -> int:
    reached, total = 0, sum(counts)
    for number_of_bins, count in enumerate(sorted(counts, reverse=True), start=1):
        reached += count
        if 2 * reached >= total:
            return number_of_bins
    return len(counts)


def trails(paths: Sequence[Path]) -> str:
    """Return how many trajectories there are and which segment went farthest from the middle."""
    if not paths:
        return "No segment has a trajectory that may be shown."
    farthest = max(paths, key=lambda path: sum(value * value for value in path.states[-1]) if path.states else 0.0)
    return (
        f"Each of the {counted(len(paths), 'line')} is the mean way of a segment’s customers over six steps, from the "
        f"middle outwards; {named(farthest.code)} has gone farthest."
    )


def moved(movement: Movement) -> str:
    """Return who stayed and what the largest moves are, as far as it may be told."""
    if not movement.stayed + movement.moved:
        return "No move between these dates may be told: the groups are too small."
    share = f", {part(movement.kept)}" if movement.kept is not None else ""
    text = f"{counted(movement.stayed, 'customer')} stayed where they were{share}; {movement.moved:,} changed."
    rows = largest_moves(movement.moves)[:NAMED]
    if rows:
        text += " Largest moves: " + listed([f"{origin} to {target} ({n:,})" for origin, target, n in rows]) + "."
    text += f" {movement.came:,} are new and {movement.left:,} have left."
    return text + f" Of {movement.untold:,} more it may not be told." * bool(movement.untold)


def steadiness(kept: Sequence[Kept]) -> str:
    """Return how many keep their first trait, newest first."""
    told = [each for each in kept if each.share is not None]
    if not told:
        return "There are no two published dates to compare yet."
    shares = [each.share or 0.0 for each in told]
    newest = told[-1]
    since = f"From {day(newest.previous)} to {day(newest.as_of)}"
    text = f"{since}, {percent(shares[-1])} of customers kept their strongest trait"
    return text + (
        f"; since {day(told[0].as_of)} it was {percent(min(shares))} to {percent(max(shares))}."
        if len(told) > 1
        else "."
    )


def near_boundary(segments: Sequence[Segment], near: float) -> str:
    """Return how far customers are from a boundary on average, and how many are close to one."""
    placed = [each for each in segments if each.depth and each.margin is not None]
    if not placed:
        return "No segment has a margin."
    customers = sum(each.customers for each in placed)
    mean = sum((each.margin or 0.0) * each.customers for each in placed) / customers if customers else 0.0
    told = [each for each in placed if each.near is not None]
    close, of = sum(each.near or 0 for each in told), sum(each.customers for each in told)
    text = f"On average a customer is {degrees(mean)} from the nearest boundary"
    where = "" if len(told) == len(placed) else f" in the {counted(len(told), 'segment')} where it may be told"
    return text + (
        f"; {counted(close, 'customer')}, {part(close / of)},{where and where + ','} are within {near:g} degrees."
        if of
        else "."
    )
