"""Transitions: who moved from which segment to which since the date published before."""

from datetime import date

import duckdb

from warehouse.queries import query


def write_transitions(connection: duckdb.DuckDBPyConnection, as_of: date, _min_size: int) -> None:
    """Write segments.transitions of one date, inside a transaction."""
    connection.execute("DELETE FROM segments.transitions WHERE as_of = $1", [as_of])
    connection.execute(query("segments/insert_transitions"), {"as_of": as_of})
