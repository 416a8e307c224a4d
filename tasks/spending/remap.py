"""Remap: the spending of a date under a reference version that is not active, beside the tables that are."""

from datetime import date

import duckdb

from warehouse.queries import query
from warehouse.reference.content import ReferenceContent
from warehouse.reference.tables import create_new_codes
from warehouse.reference.versions import record_version


def create_remapped(connection: duckdb.DuckDBPyConnection, content: ReferenceContent) -> None:
    """Make the temporary view ``remapped``: raw rows that count, with the classes of another version.

    Args:
        connection: A warehouse connection; the view lasts as long as it does.
        content: The version.
    """
    create_new_codes(connection, content)
    connection.execute(query("raw/create_row_kind"))
    connection.execute(query("candidates/create_remapped"))


def build_periods(connection: duckdb.DuckDBPyConnection, content: ReferenceContent, as_of: date) -> int:
    """Write both windows of a date under another version, inside a transaction; nothing in force is touched.

    The version is kept whole, so that what is built under it can be released at any later time. Only one date waits
    under another version at a time.

    Args:
        connection: Inside a transaction.
        content: The version.
        as_of: Last day of the newest step, inclusive.

    Returns:
        Rows written.
    """
    record_version(connection, content)
    create_remapped(connection, content)
    connection.execute(query("spend/create_periods"), {"as_of": as_of})
    connection.execute("DELETE FROM candidates.by_period")
    line = {"as_of": as_of, "reference_version": content.version}
    row = connection.execute(query("candidates/insert_by_period"), line).fetchone()
    return int(row[0]) if row else 0


def move_periods(connection: duckdb.DuckDBPyConnection, as_of: date, version: str) -> None:
    """Put what `build_periods` wrote in the place of the periods in force, inside a transaction."""
    connection.execute(query("spend/delete_by_period"), {"as_of": as_of})
    connection.execute(query("candidates/move_by_period"), {"as_of": as_of, "reference_version": version})
    connection.execute("DELETE FROM candidates.by_period")
