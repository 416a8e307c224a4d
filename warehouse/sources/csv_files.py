"""Reads CSV files by the letter of source.toml.

No dialect is guessed: a guess may take ids that begin with # for comments, or a first line for a preamble, and leave
rows out without a word.
"""

import codecs
import csv
import gzip
from typing import TYPE_CHECKING

import duckdb

from warehouse.errors import SourceError
from warehouse.queries import query, quoted
from warehouse.sources.discovery import Source

if TYPE_CHECKING:
    from warehouse.reference.sets import SourceFormat

_LONGEST_HEADER = 1 << 20
KEEP_ERRORS = "store_rejects = true, rejects_table = 'csv_errors', rejects_scan = 'csv_scans'"
RAISE_ERRORS = "store_rejects = false"


def csv_columns(connection: duckdb.DuckDBPyConnection, source: Source, contract: "SourceFormat") -> list[str]:
    """Return the column names of the first line, in order; one that a contract field names must be there only once.

    Args:
        connection: Reads the first line, local or remote, compressed or not.
        source: A CSV source.
        contract: Delimiter, encoding and column mapping.

    Raises:
        SourceError: The first line is no header.
    """
    line = _first_line(connection, source, contract.encoding)
    if not line.strip():
        raise SourceError(f"{source.name}: its first line is blank, not a header; nothing was loaded")
    if not line.replace("\t", " ").isprintable():  # nor are the stand-ins for undecodable bytes
        raise SourceError(
            f"{source.name}: its first line is not {contract.encoding} text: set [csv] encoding in source.toml, or "
            "have the file delivered again; nothing was loaded"
        )
    names = [name.strip() for name in next(csv.reader([line], delimiter=contract.delimiter))]
    twice = [name for name in contract.columns.values() if names.count(name) > 1]
    if twice:
        raise SourceError(f"{source.name}: its header names the column {twice[0]} more than once; nothing was loaded")
    return _unique(names)


def _first_line(connection: duckdb.DuckDBPyConnection, source: Source, encoding: str) -> str:
    if source.name.startswith("s3://"):
        return _first_remote_line(connection, source, encoding)
    with gzip.open(source.name) if source.name.lower().endswith(".gz") else open(source.name, "rb") as file:
        start = file.read(_LONGEST_HEADER)
    # A cut through the last character of what was read must not count against the header.
    text = codecs.getincrementaldecoder(encoding)("surrogateescape").decode(start)
    return text.removeprefix("\ufeff").replace("\r", "\n").partition("\n")[0]


def _first_remote_line(connection: duckdb.DuckDBPyConnection, source: Source, encoding: str) -> str:
    options = (
        "auto_detect = false, header = false, delim = '\x1f', quote = '', escape = '', strict_mode = false, "
        f"columns = {{'line': 'VARCHAR'}}, encoding = {quoted(encoding)}, ignore_errors = true, {_storage(source)}"
    )
    row = connection.execute(f"SELECT line FROM read_csv({quoted(source.uri)}, {options}) LIMIT 1").fetchone()
    return str(row[0] or "").removeprefix("\ufeff") if row else ""


def _unique(names: list[str]) -> list[str]:
    """Give empty and repeated names a number; DuckDB's columns are unique whatever their case."""
    taken: set[str] = set()
    result = []
    for position, name in enumerate(names, start=1):
        given = name if name and name.lower() not in taken else f"{name or 'column'}#{position}"
        taken.add(given.lower())
        result.append(given)
    return result


def csv_scan(source: Source, contract: "SourceFormat", columns: list[str], errors: str) -> str:
    """Return the table function that reads every column as text.

    Args:
        source: A CSV source.
        contract: Delimiter and encoding.
        columns: Names, from `csv_columns`.
        errors: `KEEP_ERRORS` puts lines that are no rows into the table ``csv_errors``; `RAISE_ERRORS` ends with them.
    """
    typed = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in columns)
    return (
        f"read_csv({quoted(source.uri)}, auto_detect = false, header = true, columns = {{{typed}}}, "
        f"delim = {quoted(contract.delimiter)}, quote = '\"', escape = '\"', "
        f"encoding = {quoted(contract.encoding)}, {_storage(source)}, {errors})"
    )


def _storage(source: Source) -> str:
    # A folder called "year=2024" is a folder, not a column.
    compression = "gzip" if source.name.lower().endswith(".gz") else "none"
    return f"compression = '{compression}', hive_partitioning = false"


def check_whole(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Refuse a file in which a quote is never closed.

    DuckDB counts one broken line and leaves out all that the quote swallowed, so no row count can be trusted.

    Raises:
        SourceError: With the row at which the quote opens.
    """
    row = connection.execute(query("raw/select_unclosed")).fetchone()
    if row is not None and row[0] is not None:
        raise SourceError(
            f"{source.name}: a quote near row {row[0]:,} is never closed, so the rows after it cannot be separated; "
            "have the file delivered again; nothing was loaded"
        )
