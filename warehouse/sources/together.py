"""Reads several Parquet files by one statement: for small ones, planning it is dearer than reading."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import duckdb

from warehouse.queries import quoted
from warehouse.settings import Settings
from warehouse.sources.expressions import Reader
from warehouse.sources.source import Source
from warehouse.sources.staging import Rows, Rules, keep_faulty, open_reader, stage_rows, unreadable

if TYPE_CHECKING:
    from warehouse.reference.sets import SourceFormat

_INDEX = "file_index"  # DuckDB's place of a file in the list, unless a column is called so


def stage_together(
    connection: duckdb.DuckDBPyConnection,
    sources: Sequence[Source],
    number: int,
    contract: "SourceFormat",
    rules: Rules,
    settings: Settings,
) -> list[Rows] | None:
    """Read Parquet sources into the temporary tables, as `stage` does one by one.

    Args:
        connection: A warehouse connection; the tables are there (``raw/create_staged``).
        sources: What to read, in the order of their numbers.
        number: Of the first.
        contract: Column mapping, sign, formats of the reference set.
        rules: What each row is judged by.
        settings: Time zone and bounds on sizes.

    Returns:
        The rows of each; None, and nothing was read, where their columns are not the same.

    Raises:
        SourceError: One of them breaks the contract as a whole. What was read until then is left in the tables.
    """
    readers = [open_reader(connection, source, contract, settings, "") for source in sources]
    columns = readers[0].columns
    same = all(list(reader.columns.items()) == list(columns.items()) for reader in readers)
    if not same or _INDEX in map(str.lower, columns):
        return None
    connection.execute("SET preserve_insertion_order = false")
    try:
        stage_rows(connection, Reader(_relation(sources), columns, _INDEX), number, contract, rules, settings.timezone)
        rows = _count(connection, len(sources), number)
        for place, (source, reader) in enumerate(zip(sources, readers, strict=True)):
            if rows[place].faulty:
                keep_faulty(connection, source, number + place, reader, contract)
    except duckdb.Error as error:
        raise unreadable(sources[0], contract, error) from None
    return rows


def _relation(sources: Sequence[Source]) -> str:
    files = ", ".join(quoted(source.uri) for source in sources)
    scan = f"read_parquet([{files}], file_row_number = true, hive_partitioning = false)"
    return f"(SELECT * EXCLUDE file_row_number, file_row_number + 1 AS microseg_row, {_INDEX} FROM {scan})"


def _count(connection: duckdb.DuckDBPyConnection, sources: int, number: int) -> list[Rows]:
    statement = "SELECT source_number, count(*), count(fault) FROM staged WHERE source_number >= $1 GROUP BY ALL"
    counts = {place: Rows(*rows) for place, *rows in connection.execute(statement, [number]).fetchall()}
    return [counts.get(number + place, Rows(0, 0)) for place in range(sources)]
