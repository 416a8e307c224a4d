"""Transitions: who moved from which segment to which since the date published before, small groups kept back."""

from datetime import date

import duckdb
import pyarrow as pa

from model.disclosure import publishable_moves
from model.vocabulary import GONE, NEW
from warehouse.queries import query


def write_transitions(connection: duckdb.DuckDBPyConnection, as_of: date, min_size: int) -> int:
    """Write segments.transitions of one date anew, inside a transaction.

    Sizes of segments are published, so that a reader knows the sums of rows and columns: cells are kept back until no
    group smaller than `min_size` can be seen or worked out. What is kept back stands as one sum by segment, from
    `other`, where it is enough. On the first date everybody is `new`.

    Args:
        connection: Inside a transaction; segments.by_date and segments.summary of both dates are written.
        as_of: Business date, of the later of the two.
        min_size: Fewest customers of a group that may be seen.

    Returns:
        Rows written; 0 for a date that has no segments.
    """
    dated = {"as_of": as_of}
    cells = connection.execute(query("segments/select_moves"), dated | {"new": NEW, "gone": GONE}).fetchall()
    moves = publishable_moves({(before, after): size for before, after, size in cells}, min_size)
    connection.execute("DELETE FROM segments.transitions WHERE as_of = $as_of", dated)
    if moves:
        names = ("from_segment", "to_segment", "customers")
        rows = [(before, after, size) for (before, after), size in moves.items()]
        connection.register("arriving", pa.table(dict(zip(names, zip(*rows, strict=True), strict=True))))
        connection.execute(query("segments/insert_transitions"), dated)
        connection.unregister("arriving")
    return len(moves)
