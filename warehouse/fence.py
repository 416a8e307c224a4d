"""What a reader can reach: the lake's own files by DuckDB's settings, and statements that only read by its parser."""

import json
import re
from collections.abc import Iterator, Sequence
from os.path import abspath
from pathlib import Path
from typing import Any

import duckdb

from warehouse.errors import MicrosegError
from warehouse.queries import quoted
from warehouse.settings import Settings

_OFF = (
    "autoinstall_known_extensions",
    "autoload_known_extensions",
    "allow_community_extensions",
    "python_enable_replacements",  # else the name of a table could mean a variable of this program
    "enable_external_access",
)
_EXPLAIN = re.compile(r"\s*EXPLAIN\s+(?:ANALYZE\s+)?(?=\w)", re.IGNORECASE)
# What a query may take rows from, beside tables and views. Each other function of DuckDB and its extensions that stands
# behind FROM reads or writes files, runs text as SQL, or changes the lake.
_SOURCES = frozenset(
    (
        "duckdb_columns",
        "duckdb_constraints",
        "duckdb_databases",
        "duckdb_extensions",
        "duckdb_functions",
        "duckdb_keywords",
        "duckdb_memory",
        "duckdb_schemas",
        "duckdb_settings",
        "duckdb_tables",
        "duckdb_temporary_files",
        "duckdb_types",
        "duckdb_views",
        "ducklake_current_snapshot",
        "ducklake_list_files",
        "ducklake_options",
        "ducklake_snapshots",
        "ducklake_table_changes",
        "ducklake_table_deletions",
        "ducklake_table_info",
        "ducklake_table_insertions",
        "current_snapshot",
        "options",
        "snapshots",
        "table_changes",
        "table_deletions",
        "table_info",
        "table_insertions",
        "generate_series",
        "histogram",
        "histogram_values",
        "icu_calendar_names",
        "json_each",
        "json_tree",
        "pg_timezone_names",
        "range",
        "repeat",
        "unnest",
    )
)
# Those of them that look at the lake past its views, and at what is newer than an earlier date.
_OF_LAKE = ("ducklake_", "current_snapshot", "snapshots", "table_")
_FILE_LIKE = re.compile(r"[/\\.*?:]")
_REFUSED = "`microseg query` is read-only"


def fence(connection: duckdb.DuckDBPyConnection, settings: Settings, files: Sequence[Path] = ()) -> None:
    """Leave a connection the files of the lake, and no other file, network, extension or setting; for good.

    What is attached stays attached. DuckDB's own writing of rows to files is off, too, except below the lake's folder:
    `only_reads` refuses the statements that would.

    Args:
        connection: With the lake attached and every setting made.
        settings: Where the lake's files lie.
        files: Files outside of the lake that the connection may open.
    """
    folder = settings.data_uri if "://" in settings.data_uri else abspath(settings.data_uri)
    for name, places in (("allowed_directories", [folder.rstrip("/") + "/"]), ("allowed_paths", map(abspath, files))):
        connection.execute(f"SET {name} = [{', '.join(quoted(place) for place in places)}]")
    for name in _OFF:
        connection.execute(f"SET GLOBAL {name} = false")  # some would hold for this connection alone, not for a cursor
    connection.execute("SET lock_configuration = true")


def only_reads(connection: duckdb.DuckDBPyConnection, sql: str, schemas: Sequence[str] = ()) -> str:
    """Return the one statement of a text, when all that it does is read tables of the lake.

    DuckDB's parser judges, not a search for words: comments, quotes and letter case make no difference.

    Args:
        connection: Any; nothing of `sql` is run.
        sql: What somebody typed.
        schemas: The only schemas that it may name, and no catalog; empty: any.

    Raises:
        MicrosegError: It is no SELECT (or EXPLAIN, DESCRIBE, SHOW, SUMMARIZE of one), more than one statement, or it
            takes rows from anything but tables and harmless functions.
        duckdb.Error: It cannot be parsed.
    """
    statements = connection.extract_statements(sql)
    if len(statements) != 1:
        raise MicrosegError(_count_problem([each.type for each in statements]))
    statement = statements[0].query
    tree = _parsed(connection, _EXPLAIN.sub("", statement, count=1))
    for source in _sources(tree):
        if problem := _problem(source):
            raise MicrosegError(f"{_REFUSED} and reads tables of the warehouse alone: {problem}")
        if schemas and (place := _elsewhere(source, schemas)):
            raise MicrosegError(f"with --at only {' and '.join(schemas)} can be read, by these names: {place} cannot")
    return statement


def _count_problem(kinds: list[duckdb.StatementType]) -> str:
    if kinds == [duckdb.StatementType.CREATE, duckdb.StatementType.SELECT]:  # so DuckDB writes it out
        return "PIVOT needs its columns here: PIVOT ... ON column IN ('a', 'b') USING ..."
    return f"{_REFUSED} and takes one statement at a time, not {len(kinds)}"


def _parsed(connection: duckdb.DuckDBPyConnection, statement: str) -> Any:
    # As a literal: binding any parameter would import pandas, and a query has to start in a blink.
    row = connection.execute(f"SELECT json_serialize_sql({quoted(statement)}::VARCHAR)").fetchone()
    tree = json.loads(row[0]) if row else {"error": True}
    if tree["error"]:
        raise MicrosegError(f"{_REFUSED}: SELECT, FROM, WITH, VALUES, DESCRIBE, SHOW, SUMMARIZE, or EXPLAIN of one")
    return tree


def _sources(tree: Any) -> Iterator[dict[str, Any]]:
    """Give everything in a parsed statement that rows are taken from."""
    waiting = [tree]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            if part.get("type") in ("TABLE_FUNCTION", "BASE_TABLE"):
                yield part
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)


def _elsewhere(source: dict[str, Any], schemas: Sequence[str]) -> str:
    """Return where a source lies, if outside of the schemas; a name alone is a part of the statement, or none."""
    if source["type"] == "TABLE_FUNCTION":
        name = str(source["function"].get("function_name", "")).lower()
        return f"{name}()" if name.startswith(_OF_LAKE) else ""
    place = [str(source.get(key) or "").lower() for key in ("catalog_name", "schema_name")]
    return "" if place in [["", ""], *(["", schema] for schema in schemas)] else ".".join(filter(None, place))


def _problem(source: dict[str, Any]) -> str:
    if source["type"] == "TABLE_FUNCTION":
        name = str(source["function"].get("function_name", "")).lower()
        return "" if name in _SOURCES else f"{name}() is not available"
    name = str(source["table_name"])
    return f'"{name}" is the name of a file' if _FILE_LIKE.search(name) else ""
