"""What of the lake's tables lies inside of the catalog: few rows of a commit, and deletions of few."""

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress

import duckdb

from warehouse.attachment import METADATA
from warehouse.queries import query
from warehouse.stored import DataFile


def deletions_in_catalog(connection: duckdb.DuckDBPyConnection, files: Iterable[DataFile]) -> dict[int, int]:
    """Return how many rows of data files are deleted inside of the catalog, by the number of the file.

    Args:
        connection: An open warehouse connection.
        files: Of the tables that are looked at.
    """
    deleted: dict[int, int] = {}
    for table_id in sorted({file.table_id for file in files}):
        with suppress(duckdb.CatalogException):  # most tables never had a commit that deleted few rows
            text = query("maintain/count_deleted").format(catalog=METADATA, table_id=table_id)
            deleted |= dict(connection.execute(text).fetchall())
    return deleted


def rows_in_catalog(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Return how many rows of each table lie inside of the catalog."""
    held = connection.execute(query("maintain/select_inlined").format(catalog=METADATA)).fetchall()
    text = query("maintain/count_inlined")
    counting = (text.format(catalog=METADATA, name=name, table=inside) for name, inside in held)
    rows: Counter[str] = Counter()
    for name, counted in connection.execute(" UNION ALL ".join(counting)).fetchall() if held else ():
        rows[name] += counted
    return rows
