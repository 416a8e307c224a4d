"""The customers of a batch: keys for those nobody has seen, and the day on which each was first seen."""

from typing import TYPE_CHECKING

import duckdb

from warehouse.queries import query

if TYPE_CHECKING:
    from tasks.intake.batch import Leaving


def number_customers(connection: duckdb.DuckDBPyConnection) -> None:
    """Give the customers of ``batch_rows`` their keys in the temporary table ``arrivals``; nothing else is written."""
    connection.execute(query("raw/create_arrivals"))


def enter_customers(connection: duckdb.DuckDBPyConnection) -> None:
    """Write new customers, and earlier days of known ones."""
    new, earlier = connection.execute(query("raw/select_arrivals")).fetchone() or (0, 0)
    if new:  # a write to the lake has its price even when it writes nothing
        connection.execute(query("raw/insert_customers"))
    if earlier:
        connection.execute(query("raw/update_first_seen"))


def find_leaving(connection: duckdb.DuckDBPyConnection, leaving: "Leaving | None") -> bool:
    """Find who may have been seen first in rows that are about to leave; True when there is anybody."""
    if leaving is None:
        return False
    connection.execute(query("raw/create_leaving"), leaving.parameters)
    return connection.execute("SELECT count(*) FROM leaving").fetchone() != (0,)


def correct_first_seen(connection: duckdb.DuckDBPyConnection) -> None:
    """Set the customers of ``leaving`` to the earliest of their rows that remain; to nothing when none does."""
    connection.execute(query("raw/update_left"))
