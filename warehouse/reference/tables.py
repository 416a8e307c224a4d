"""Puts a reference set into the warehouse's ref tables and reclassifies rows when its mapping changed."""

from collections.abc import Sequence
from typing import Literal

import duckdb

from model.vocabulary import TRAITS
from warehouse.errors import MicrosegError
from warehouse.queries import query
from warehouse.reference.content import ReferenceContent, SourceCode
from warehouse.reference.versions import adopt_version, read_active, record_version

Applied = Literal["unchanged", "applied", "relabelled", "waits"]


def apply_reference(
    connection: duckdb.DuckDBPyConnection, reference: ReferenceContent, retraining: bool = False
) -> Applied:
    """Let the warehouse follow the reference set on disk, as far as no model stands in the way.

    Without a champion the set becomes the active one and rows are reclassified. Once a champion was trained, only
    labels and groups follow; a set of another version waits for a retraining.

    Args:
        connection: Inside a transaction.
        reference: The checked set.
        retraining: Whether a champion under the set is about to be trained; another set's name may wait then, too.

    Returns:
        What became of the set.

    Raises:
        MicrosegError: The warehouse belongs to another set, or the champion to a version that is lost.
    """
    active = read_active(connection)
    adopted = active is not None and adopt_version(connection, active)
    champion = connection.execute(query("ref/select_champion_version")).fetchone()
    if active is not None and not (retraining and champion):
        _refuse_other(active, reference, champion)
    if active is None or (champion is None and active.version != reference.version):
        activate(connection, reference)
        return "applied"
    if active.version != reference.version:
        return "waits"
    if active.to_json() == reference.to_json():
        return "applied" if adopted else "unchanged"
    connection.execute("UPDATE ref.sets SET reference = $1", [reference.name])
    _replace_tables(connection, reference)
    return "relabelled"


def _refuse_other(active: ReferenceContent, reference: ReferenceContent, champion: tuple[str, str] | None) -> None:
    if active.name != reference.name:
        retrain = f"`microseg retrain --reference` moves it to {reference.name!r}, or " if champion else ""
        raise MicrosegError(
            f"this warehouse holds the reference set {active.name!r}: {retrain}point MICROSEG_HOME at another folder "
            f"for {reference.name!r}"
        )
    if champion is not None and champion[1] != active.version:
        raise MicrosegError(
            f"the champion {champion[0]} was trained under a version of the reference set that this warehouse no "
            "longer holds: run `microseg retrain`"
        )


def activate(connection: duckdb.DuckDBPyConnection, content: ReferenceContent) -> None:
    """Make a version the active one, inside a transaction: rows get its classes, and the months it moves are marked.

    Args:
        connection: Inside a transaction.
        content: From disk, or a version that was active before.
    """
    create_new_codes(connection, content.codes)
    if connection.execute("SELECT 1 FROM ref.sets").fetchone():
        _reclassify(connection)
        connection.execute("DELETE FROM ref.sets")
    connection.execute(
        # Not before what was checked already, though the clock was put back: the gates look at a new mapping again.
        "INSERT INTO ref.sets (reference, reference_version, primary_window, applied_at) "
        "VALUES ($1, $2, $3, greatest(now(), (SELECT max(checked_at) FROM ops.validations)))",
        [content.name, content.version, content.primary_window],
    )
    _replace_tables(connection, content)


def create_new_codes(connection: duckdb.DuckDBPyConnection, codes: Sequence[SourceCode]) -> None:
    """Make the temporary table ``new_codes`` of a version: class and kind of every code."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE new_codes (source_code VARCHAR, class_id SMALLINT, kind VARCHAR, label VARCHAR)"
    )
    _insert(connection, "new_codes", [(c.source_code, c.class_id, c.kind, c.label) for c in codes])


def _reclassify(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(query("raw/create_row_kind"))
    connection.execute(query("ref/mark_reclassified"))
    for table in ("raw.transactions", "raw.duplicates"):
        connection.execute(query("ref/update_classes").format(table=table))
    connection.execute(query("ref/update_load_counts"))


def _replace_tables(connection: duckdb.DuckDBPyConnection, content: ReferenceContent) -> None:
    for table in ("ref.classes", "ref.source_codes", "ref.coefficients"):
        connection.execute(f"DELETE FROM {table}")
    classes = [(c.class_id, c.code, c.label, c.group) for c in content.classes]
    _insert(connection, "ref.classes (class_id, code, label, class_group)", classes)
    codes = [(c.source_code, c.class_id, c.kind, c.label) for c in content.codes]
    _insert(connection, "ref.source_codes (source_code, class_id, kind, label)", codes)
    _insert(connection, "ref.coefficients (class_id, trait, coefficient, origin)", _coefficient_rows(content))
    record_version(connection, content)


def _coefficient_rows(content: ReferenceContent) -> list[tuple[object, ...]]:
    return [
        (spending_class.class_id, trait, float(value), origin)
        for spending_class, row, origin in zip(
            content.classes, content.coefficients, content.coefficient_sources, strict=True
        )
        for trait, value in zip(TRAITS, row, strict=True)
    ]


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    if not rows:
        return  # a set may begin with no codes at all: every row is then unclassified
    # One statement, since a lake writes a file per INSERT, and a list a column, which takes a parser no time.
    lists = ", ".join("unnest(?)" for _ in rows[0])
    connection.execute(f"INSERT INTO {table} SELECT {lists}", [list(column) for column in zip(*rows, strict=True)])
