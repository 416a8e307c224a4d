"""Reads CSV files by the letter of source.toml.

No dialect is guessed: a guess may take ids that begin with # for comments, or a first line for a preamble, and leave
rows out without a word.
"""

import codecs
import csv
from typing import TYPE_CHECKING

import duckdb

from warehouse.errors import SourceError
from warehouse.queries import identifier, query, quoted
from warehouse.sources.local_files import first_bytes, is_packed
from warehouse.sources.source import Source

if TYPE_CHECKING:
    from warehouse.reference.sets import SourceFormat

LONGEST_HEADER = 1 << 16
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
    if len(line) >= LONGEST_HEADER:
        raise SourceError(
            f"{source.name}: its first line is longer than {LONGEST_HEADER:,} bytes, and no header; nothing was loaded"
        )
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
    width = 2 if encoding == "utf-16" else 1
    # A cut through the last character of what was read must not count against the header.
    decoder = codecs.getincrementaldecoder(encoding)("surrogateescape")
    text = decoder.decode(first_bytes(source.name, LONGEST_HEADER * width + width))
    return text.removeprefix("\ufeff").replace("\r", "\n").partition("\n")[0]


def _first_remote_line(connection: duckdb.DuckDBPyConnection, source: Source, encoding: str) -> str:
    options = (
        "auto_detect = false, header = false, delim = '\x1f', quote = '', escape = '', strict_mode = false, "
        f"columns = {{'line': 'VARCHAR'}}, encoding = {quoted(encoding)}, ignore_errors = true, "
        f"{_storage(is_packed(source.name))}"
    )
    row = connection.execute(f"SELECT line FROM read_csv({quoted(source.uri)}, {options}) LIMIT 1").fetchone()
    return str(row[0] or "").removeprefix("\ufeff") if row else ""


def _unique(names: list[str]) -> list[str]:
    """Give empty and repeated names a number; DuckDB's columns are unique whatever their case."""
    taken = {"microseg_row"}  # our own
    result = []
    for position, name in enumerate(names, start=1):
        given = name if name and name.lower() not in taken else f"{name or 'column'}#{position}"
        taken.add(given.lower())
        result.append(given)
    return result


def csv_scan(uri: str, delimiter: str, columns: list[str], errors: str, encoding: str, packed: bool) -> str:
    """Return the table function that reads every column as text.

    Args:
        uri: What DuckDB reads.
        delimiter: Between fields.
        columns: Names, from `csv_columns`.
        errors: `KEEP_ERRORS` puts lines that are no rows into the table ``csv_errors``; `RAISE_ERRORS` ends with them.
        encoding: As in source.toml.
        packed: Whether it is a gzip file.
    """
    typed = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in columns)
    return (
        f"read_csv({quoted(uri)}, auto_detect = false, header = true, columns = {{{typed}}}, "
        f"delim = {quoted(delimiter)}, quote = '\"', escape = '\"', "
        f"encoding = {quoted(encoding)}, {_storage(packed)}, {errors})"
    )


def _storage(packed: bool) -> str:
    # A folder called "year=2024" is a folder, not a column.
    return f"compression = '{'gzip' if packed else 'none'}', hive_partitioning = false"


def check_quotes(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Refuse a file with a quote that is never closed.

    Behind it, DuckDB counts one broken line and leaves out all that the quote swallowed.

    Args:
        connection: ``csv_errors`` is filled.
        source: A CSV source.

    Raises:
        SourceError: With the row at which the quote opens.
    """
    row = connection.execute(query("raw/select_unclosed")).fetchone()
    if row is not None and row[0] is not None:
        raise SourceError(
            f"{source.name}: a quote near row {row[0]:,} is never closed, so the rows after it cannot be separated; "
            "have the file delivered again; nothing was loaded"
        )


def check_lines(
    connection: duckdb.DuckDBPyConnection, source: Source, number: int, columns: list[str], lines: int, found: int
) -> None:
    """Refuse a file of which not every line became a row or a reject.

    Args:
        connection: ``fetched`` and ``malformed`` are filled.
        source: A CSV source.
        number: Of its rows in ``malformed``.
        columns: Of ``fetched``.
        lines: Lines that are not empty, the header counted.
        found: Rows and rejects.

    Raises:
        SourceError: With the number of lines that are missing.
    """
    lost = lines - 1 - found
    if lost <= 0:
        return
    # A value in quotes may hold line breaks.
    inner = query("raw/select_inner_breaks").format(columns=", ".join(map(identifier, columns)))
    breaks = connection.execute(inner, {"source_number": number}).fetchone() or (0,)
    if (missing := lost - int(breaks[0])) > 0:
        raise SourceError(
            f"{source.name}: {missing:,} of its {lines:,} lines cannot be separated, probably after a quote that is "
            "never closed; have the file delivered again; nothing was loaded"
        )
