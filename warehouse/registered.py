"""Files between the lake and lone engines: what a unit reads, where it writes, how the lake gets to know it."""

from collections.abc import Callable, Sequence

import duckdb

from warehouse.attachment import CATALOG, METADATA
from warehouse.conflicts import retried
from warehouse.engines import close_idle
from warehouse.errors import MicrosegError
from warehouse.inlined import deletions_in_catalog, rows_in_catalog
from warehouse.lone import Columns, NewFile, Part, Reading, Writing
from warehouse.queries import query, quoted
from warehouse.settings import Settings
from warehouse.stored import DataFile, address, live_files

# The catalog is asked once for each file, with its transaction open: more at once would keep others waiting.
AT_ONCE = 200
_ATTEMPTS, _PAUSE = 6, 0.1


def keep_out_of_catalog(connection: duckdb.DuckDBPyConnection, tables: Sequence[str]) -> None:
    """See to it that all rows of some tables lie in files, and none inside of the catalog, outside of a transaction.

    From then on every write to them makes a file. What lies in the catalog already is written to files, once.

    Args:
        connection: An open warehouse connection.
        tables: Schemas and names.
    """
    known = dict(connection.execute(query("units/select_limits").format(catalog=CATALOG)).fetchall())
    fresh = [table for table in tables if known.get(table) != "0"]
    for schema, name in (table.split(".") for table in fresh):
        of_table = f"schema => {quoted(schema)}, table_name => {quoted(name)}"
        _call(connection, f"{CATALOG}.set_option('data_inlining_row_limit', 0, {of_table})")
    if not (inside := _in_catalog(connection, fresh)):
        return
    for schema, name in (table.split(".") for table in inside):
        of_table = f"schema_name => {quoted(schema)}, table_name => {quoted(name)}"
        _call(connection, f"ducklake_flush_inlined_data('{CATALOG}', {of_table})")
    close_idle()  # that drops tables of the catalog which a reader still expects


def _call(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    """Call what is a transaction of its own, again where another run that begins was quicker."""
    retried(lambda: connection.execute(f"CALL {text}"), _ATTEMPTS, _PAUSE)


def _in_catalog(connection: duckdb.DuckDBPyConnection, tables: Sequence[str]) -> list[str]:
    if not tables:
        return []
    rows, files = rows_in_catalog(connection), [file for file in live_files(connection) if file.table in tables]
    deleted = deletions_in_catalog(connection, files)
    touched = {file.table for file in files if file.file_id in deleted}
    return [table for table in tables if rows.get(table) or table in touched]


def reading(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    files: Sequence[DataFile],
    table: str,
    wanted: Callable[[DataFile], bool] = lambda _: True,
) -> Reading:
    """Return a table as a unit reads it.

    Args:
        connection: An open warehouse connection.
        settings: Where the data lies.
        files: Of the newest snapshot (`live_files`).
        table: Schema and name; `keep_out_of_catalog` was called for it.
        wanted: Which of its data files matter.
    """
    own = [file for file in files if file.table == table]
    deletions = {file.file_id: address(settings, file.path) for file in own if not file.rows_held}
    held = [file for file in own if file.rows_held and wanted(file)]
    parts = [Part(address(settings, file.path), deletions.get(file.file_id, "")) for file in held]
    return Reading(table, columns_of(connection, table), tuple(sorted(parts)))


def writing(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    table: str,
    by: str = "",
    partition: str = "",
    months: str = "",
) -> Writing:
    """Return a table as a unit writes to it.

    Args:
        connection: An open warehouse connection.
        settings: Where the data lies.
        table: Schema and name.
        by: Column of whose values each has files of its own.
        partition: Of a table with partitions: the folders that the lake has for the one of all rows.
        months: Of a table with partitions by year and month: the column of dates.
    """
    asked = query("units/select_folder").format(catalog=METADATA)
    (folder,) = connection.execute(asked, {"name": table}).fetchone() or ("",)
    return Writing(table, columns_of(connection, table), address(settings, folder), by, partition, months)


def columns_of(connection: duckdb.DuckDBPyConnection, table: str) -> Columns:
    """Return names and types of the columns of a table, in its order."""
    return tuple((str(name), str(kind)) for name, kind, *_ in connection.execute(f"DESCRIBE {table}").fetchall())


def register(connection: duckdb.DuckDBPyConnection, settings: Settings, files: Sequence[NewFile]) -> None:
    """Make files that units wrote part of the lake, with their checksums, inside a transaction.

    They are the lake's from then on. What they take the place of must be deleted before: a deletion in the same
    transaction would remove a file at once.

    Args:
        connection: Inside a transaction.
        settings: Where the data lies.
        files: That the lake does not know.

    Raises:
        MicrosegError: It knows one of them: twice in the lake, its rows would count twice. Or it waits to be removed.
    """
    if not files:
        return
    names = [file.path.rpartition("/")[2] for file in files]
    asked = query("units/count_known").format(catalog=METADATA)
    if connection.execute(asked, {"names": names}).fetchone() != (0,):
        raise MicrosegError(
            "a file that a unit wrote is part of the lake already, or about to be removed: run it again"
        )
    for table, is_partition in sorted({(file.table, file.is_partition) for file in files}):
        schema, name = table.split(".")
        paths = sorted(file.path for file in files if file.table == table)  # row ids follow this order
        named = {"catalog": CATALOG, "schema": schema, "name": name, "is_partition": str(is_partition).lower()}
        for first in range(0, len(paths), AT_ONCE):
            connection.execute(query("units/call_add_files").format(**named), {"paths": paths[first : first + AT_ONCE]})
    below = settings.data_uri
    lines = {
        "paths": [file.path.removeprefix(below) for file in files],
        "bytes": [file.size for file in files],
        "digests": [file.sha256 for file in files],
    }
    connection.execute(query("files/insert_sealed"), lines)
