"""Reads the reference set that the warehouse holds, and keeps every version that was ever active."""

import duckdb
import numpy as np

from model.vocabulary import TRAITS
from warehouse.queries import query
from warehouse.reference.content import ReferenceContent, SourceCode, SpendingClass, from_json


def read_active(connection: duckdb.DuckDBPyConnection) -> ReferenceContent | None:
    """Return the active set, from its tables; None in an empty warehouse."""
    row = connection.execute(query("ref/select_active")).fetchone()
    if row is None:
        return None
    name, primary_window, classes, codes, cells = row
    coefficients = np.zeros((len(classes), len(TRAITS)))
    origins = ["none"] * len(classes)
    for cell in cells:
        coefficients[cell["class_id"], TRAITS.index(cell["trait"])] = cell["coefficient"]
        origins[cell["class_id"]] = cell["origin"]
    return ReferenceContent(
        name=name,
        primary_window=primary_window,
        classes=tuple(SpendingClass(int(number), code, label, group) for number, code, label, group in classes),
        codes=tuple(
            SourceCode(code, None if number is None else int(number), kind, label)
            for code, number, kind, label in codes
        ),
        coefficients=coefficients,
        coefficient_sources=tuple(origins),
    )


def read_version(connection: duckdb.DuckDBPyConnection, version: str) -> ReferenceContent | None:
    """Return a version that was once active; None where the warehouse never held it."""
    row = connection.execute("SELECT content FROM ref.versions WHERE reference_version = $1", [version]).fetchone()
    return None if row is None else from_json(row[0])


def record_version(connection: duckdb.DuckDBPyConnection, content: ReferenceContent) -> None:
    """Keep a version whole, inside a transaction; its labels are those of the newest recording."""
    connection.execute("DELETE FROM ref.versions WHERE reference_version = $1", [content.version])
    connection.execute(
        "INSERT INTO ref.versions (reference_version, reference, content, recorded_at) VALUES ($1, $2, $3, now())",
        [content.version, content.name, content.to_json()],
    )


def adopt_version(connection: duckdb.DuckDBPyConnection, active: ReferenceContent) -> bool:
    """Give the active set of an earlier microseg its version, inside a transaction.

    Earlier versions were hashes of the files. The tables hold the whole content, so its version follows from them, and
    the models that were trained under the old hash were trained under this version.

    Args:
        connection: Inside a transaction.
        active: What `read_active` returned.

    Returns:
        Whether anything was written.
    """
    held = connection.execute("SELECT reference_version FROM ref.sets").fetchone()
    if held == (active.version,):
        return False
    renamed = [active.version, held[0] if held else ""]
    connection.execute("UPDATE segments.releases SET reference_version = $1 WHERE reference_version = $2", renamed)
    connection.execute("UPDATE models.versions SET reference_hash = $1 WHERE reference_hash = $2", renamed)
    connection.execute("UPDATE ref.sets SET reference_version = $1", [active.version])
    record_version(connection, active)
    return True
