"""Puts a reference set into the warehouse's ref tables and reclassifies rows when its mapping changed."""

from collections.abc import Sequence

import duckdb

from warehouse.errors import MicrosegError
from warehouse.queries import query
from warehouse.reference.sets import TRAITS, ReferenceSet


def apply_reference(connection: duckdb.DuckDBPyConnection, reference: ReferenceSet) -> bool:
    """Make the warehouse speak of one reference set; a no-op when it already holds this very version.

    Args:
        connection: Inside a transaction.
        reference: The checked set.

    Returns:
        Whether anything was written.

    Raises:
        MicrosegError: The warehouse belongs to another set; its classes must not be mixed.
    """
    held = connection.execute("SELECT reference, content_hash FROM ref.sets").fetchone()
    if held == (reference.name, reference.content_hash):
        return False
    if held is not None and held[0] != reference.name:
        raise MicrosegError(
            f"this warehouse holds the reference set {held[0]!r}; point MICROSEG_HOME at another folder for "
            f"{reference.name!r}"
        )
    _create_new_codes(connection, reference)
    if held is not None:
        _reclassify(connection)
    _replace_tables(connection, reference)
    return True


def _create_new_codes(connection: duckdb.DuckDBPyConnection, reference: ReferenceSet) -> None:
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE new_codes (source_code VARCHAR, class_id SMALLINT, kind VARCHAR, label VARCHAR)"
    )
    _insert(connection, "new_codes", [(c.source_code, c.class_id, c.kind, c.label) for c in reference.codes])


def _reclassify(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(query("raw/create_row_kind"))
    connection.execute(query("ref/mark_reclassified"))
    for table in ("raw.transactions", "raw.duplicates"):
        connection.execute(query("ref/update_classes").format(table=table))
    connection.execute(query("ref/update_load_counts"))


def _replace_tables(connection: duckdb.DuckDBPyConnection, reference: ReferenceSet) -> None:
    for table in ("ref.sets", "ref.classes", "ref.source_codes", "ref.coefficients"):
        connection.execute(f"DELETE FROM {table}")
    connection.execute(
        # Not before what was checked already, though the clock was put back: the gates look at a new mapping again.
        "INSERT INTO ref.sets VALUES ($1, $2, $3, greatest(now(), (SELECT max(checked_at) FROM ops.validations)))",
        [reference.name, reference.content_hash, reference.primary_window],
    )
    classes = [(c.class_id, c.code, c.label, c.group) for c in reference.classes]
    _insert(connection, "ref.classes", classes)
    connection.execute("INSERT INTO ref.source_codes SELECT * FROM new_codes")
    _insert(connection, "ref.coefficients", _coefficient_rows(reference))


def _coefficient_rows(reference: ReferenceSet) -> list[tuple[object, ...]]:
    return [
        (spending_class.class_id, trait, float(value), origin)
        for spending_class, row, origin in zip(
            reference.classes, reference.coefficients, reference.coefficient_sources, strict=True
        )
        for trait, value in zip(TRAITS, row, strict=True)
    ]


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    if not rows:
        return  # a set may begin with no codes at all: every row is then unclassified
    # One statement: a lake writes one file per INSERT, and reference tables are small.
    marks = ", ".join("?" for _ in rows[0])
    values = ", ".join(f"({marks})" for _ in rows)
    connection.execute(f"INSERT INTO {table} VALUES {values}", [value for row in rows for value in row])
