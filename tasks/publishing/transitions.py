"""Transitions: who moved from which segment to which between two dates, small groups kept back."""

from datetime import date

import duckdb
import pyarrow as pa

from model.disclosure import publishable_moves
from model.vocabulary import GONE, NEW
from warehouse.queries import query


def write_transitions(connection: duckdb.DuckDBPyConnection, as_of: date, min_size: int) -> int:
    """Write segments.transitions of one date anew, inside a transaction.

    On the first date everybody is `new`.

    Args:
        connection: Inside a transaction; segments.by_date and segments.summary of both dates are written.
        as_of: Business date, of the later of the two.
        min_size: Fewest customers of a group that may be seen.

    Returns:
        Rows written; 0 for a date that has no segments.
    """
    dated = {"as_of": as_of}
    row = connection.execute("SELECT previous FROM segments.dates WHERE as_of = $as_of", dated).fetchone()
    moves = moves_between(connection, row[0] if row else None, as_of, min_size)
    connection.execute("DELETE FROM segments.transitions WHERE as_of = $as_of", dated)
    if moves:
        names = ("from_segment", "to_segment", "customers")
        rows = [(before, after, size) for (before, after), size in moves.items()]
        connection.register("arriving", pa.table(dict(zip(names, zip(*rows, strict=True), strict=True))))
        connection.execute(query("segments/insert_transitions"), dated)
        connection.unregister("arriving")
    return len(moves)


def moves_between(
    connection: duckdb.DuckDBPyConnection, earlier: date | None, later: date, min_size: int
) -> dict[tuple[str, str], int]:
    """Return the moves between two published dates that may be shown.

    Sizes of segments are published, so that a reader knows the sums of rows and columns: cells are kept back until no
    group smaller than `min_size` can be seen or worked out. What is kept back stands as one sum by segment, from
    `other`, where it is enough.

    Args:
        connection: A warehouse connection.
        earlier: Business date; None: there is none before, and everybody is `new`.
        later: Business date.
        min_size: Fewest customers of a group that may be seen.
    """
    named = {"earlier": earlier, "later": later, "new": NEW, "gone": GONE}
    cells = connection.execute(query("segments/select_moves"), named).fetchall()
    return publishable_moves({(before, after): size for before, after, size in cells}, min_size)
