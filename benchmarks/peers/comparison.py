"""Whether a peer holds the same figures as ours: rows and cents of every part of every table."""

from collections.abc import Mapping, Sequence

# By table and part (a month, a step of a date): rows, and the sum of their amounts in cents.
Tables = Mapping[str, Mapping[str, Sequence[int]]]
NOTHING = (0, 0)


def differences(ours: Tables, peer: Tables) -> list[str]:
    """Return a line for each part that one of the two lacks, or that differs by a row or a cent.

    >>> differences({"months": {"2025-01": [2, 995]}}, {"months": {"2025-01": [2, 996]}})
    ['months 2025-01: +0 rows, +0.01']
    """
    lines = []
    for table in sorted({*ours, *peer}):
        mine, theirs = ours.get(table, {}), peer.get(table, {})
        for part in sorted({*mine, *theirs}):
            rows, cents = mine.get(part, NOTHING)
            other_rows, other_cents = theirs.get(part, NOTHING)
            if (rows, cents) != (other_rows, other_cents):
                lines.append(f"{table} {part}: {other_rows - rows:+,} rows, {(other_cents - cents) / 100:+,.2f}")
    return lines


def verdict(ours: Tables, peer: Tables) -> str:
    """Return what the table says of a peer's figures; to have compared nothing is no agreement."""
    parts = sum(len(part) for part in ours.values())
    if not parts:
        return "nothing to compare"
    lines = differences(ours, peer)
    if not lines:
        return f"same rows and cents in {parts} parts"
    return f"**differs** in {len(lines)} of {parts} parts ({lines[0]})"


def rows_held(tables: Tables) -> int:
    """Return the rows of all tables."""
    return sum(rows for parts in tables.values() for rows, _ in parts.values())
