"""The query command: SQL on a read-only connection, printed as a table, as CSV or as JSON lines."""

import csv
import json
import re
import sys
from argparse import Namespace
from collections.abc import Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING

from flows.plain import plain
from flows.terminal import say
from tasks.operation.retention import missing_lines
from tasks.publishing.at_date import SCHEMAS, newest_until, published_at
from warehouse.connection import connect
from warehouse.damage import damage
from warehouse.errors import MicrosegError
from warehouse.fence import only_reads
from warehouse.queries import query as text_of
from warehouse.settings import Settings

if TYPE_CHECKING:
    import duckdb

_SHOW_TABLES = re.compile(r"\s*show\s+tables\s*;?\s*", re.IGNORECASE)


def query(options: Namespace) -> int:
    """Run one statement that only reads, and print the result.

    Raises:
        MicrosegError: In one line, why it is refused or what DuckDB says against it.
    """
    import duckdb

    settings, day = Settings(), options.at
    with connect(settings, read_only=True) as connection:
        try:
            statement = only_reads(connection, options.sql, SCHEMAS if day else ())
            newest = newest_until(connection, settings, day) if day else ""
            for line in missing_lines(connection, settings, f"{statement} {newest}"):
                sys.stderr.write(f"microseg: {line}\n")
            with published_at(connection, day) if day else nullcontext():
                print_result(connection.sql(meant(statement)), options.format)
        except UnicodeEncodeError:
            raise MicrosegError("the statement is not UTF-8: have the terminal send UTF-8") from None
        except duckdb.Error as error:
            raise damage(settings, error) or MicrosegError(in_one_line(str(error))) from error
    return 0


def in_one_line(message: str) -> str:
    r"""Return what DuckDB says without the drawing of the statement below it.

    >>> in_one_line('Binder Error: no column "a"\nCandidates: "b"\n\nLINE 1: SELECT a\n               ^')
    'Binder Error: no column "a" Candidates: "b"'
    """
    return " ".join(re.split(r"\n+LINE \d+: ", message)[0].split())


def meant(sql: str) -> str:
    """Return what a statement is meant to ask.

    DuckDB's SHOW TABLES lists the schema `main` alone, which is empty here: ours lie in schemas of their own.
    """
    return text_of("ops/select_tables") if _SHOW_TABLES.fullmatch(sql) else sql


def print_result(result: "duckdb.DuckDBPyRelation", form: str) -> None:
    """Print a result as a table, as CSV with a header, or as one JSON object a row."""
    if form == "table":
        result.show(max_width=200, max_rows=100)
    elif form == "csv":
        writer = csv.writer(sys.stdout)
        writer.writerow(result.columns)
        writer.writerows([_csv_cell(value) for value in row] for row in result.fetchall())
    else:
        documents = {name for name, kind in zip(result.columns, result.types, strict=True) if str(kind) == "JSON"}
        for row in result.fetchall():
            say(json_line(dict(zip(result.columns, row, strict=True)), documents))


def json_line(row: Mapping[str, object], documents: "set[str] | frozenset[str]" = frozenset()) -> str:
    """Return a row as one line of JSON that every reader takes.

    Args:
        row: Values by column.
        documents: Columns that hold JSON themselves, and are not quoted a second time.
    """
    values = {
        name: json.loads(value) if name in documents and isinstance(value, str) else plain(value)
        for name, value in row.items()
    }
    return json.dumps(values, allow_nan=False, ensure_ascii=False)


def _csv_cell(value: object) -> object:
    """Return a cell: bytes as base64, what is nested as JSON, all else as Python writes it."""
    if isinstance(value, bytes | bytearray | memoryview):
        return plain(value)
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(plain(value), allow_nan=False, ensure_ascii=False)
    return value
