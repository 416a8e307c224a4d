"""Scope: under which version of the reference set the science reads spending, as temporary views of its queries."""

import duckdb
import pyarrow as pa

from model.vocabulary import TRAITS
from tasks.spending.remapped import create_remapped
from warehouse.errors import ModelError
from warehouse.queries import quoted
from warehouse.reference.content import ReferenceContent
from warehouse.reference.versions import read_version

IN_FORCE = {
    "spending": "spend.by_period",
    "steps": "spend.steps",
    "monthly": "spend.monthly",
    "classes": "ref.classes",
    "coefficients": "ref.coefficients",
}


def open_scope(connection: duckdb.DuckDBPyConnection, reference_version: str = "") -> None:
    """Point the views ``spending``, ``steps``, ``monthly``, ``classes`` and ``coefficients`` at one version.

    Args:
        connection: A warehouse connection; the views last as long as it does.
        reference_version: Empty, or the active one: the tables in force. Another: what `build_periods` wrote under it.

    Raises:
        ModelError: The warehouse does not hold that version.
    """
    active = connection.execute("SELECT reference_version FROM ref.sets").fetchone()
    if not reference_version or active == (reference_version,):
        _point(connection, IN_FORCE)
        return
    content = read_version(connection, reference_version)
    if content is None:
        raise ModelError(f"this warehouse no longer holds the version {reference_version[:12]} of the reference set")
    create_remapped(connection, content.codes)
    _create_tables(connection, content)
    waiting = f"WHERE reference_version = {quoted(reference_version)}"
    other = {"classes": "scoped_classes", "coefficients": "scoped_coefficients"}
    dated = {"spending": f"candidates.by_period {waiting}", "steps": f"candidates.steps {waiting}"}
    _point(connection, {"monthly": "remapped"} | dated | other)


def _point(connection: duckdb.DuckDBPyConnection, sources: dict[str, str]) -> None:
    for view, source in sources.items():
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {view} AS FROM {source}")


def _create_tables(connection: duckdb.DuckDBPyConnection, content: ReferenceContent) -> None:
    classes = [{"class_id": row.class_id, "label": row.label} for row in content.classes]
    coefficients = [
        {"class_id": class_id, "trait": trait, "coefficient": value}
        for class_id, row in enumerate(content.coefficients.tolist())
        for trait, value in zip(TRAITS, row, strict=True)
    ]
    for name, rows in (("scoped_classes", classes), ("scoped_coefficients", coefficients)):
        connection.register("arriving", pa.Table.from_pylist(rows))
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM arriving")
        connection.unregister("arriving")
