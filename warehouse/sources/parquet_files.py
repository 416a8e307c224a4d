"""Looks at the description in a Parquet file's footer before any row is read.

Runs and dictionaries let a few thousand bytes stand for billions of rows; what they would grow to is known before.
"""

from typing import TYPE_CHECKING

import duckdb

from warehouse.errors import SourceError
from warehouse.queries import query
from warehouse.settings import Settings
from warehouse.sources.reasons import shown
from warehouse.sources.source import Source

if TYPE_CHECKING:
    from warehouse.reference.sets import SourceFormat

# What every file may grow by, however small it is: as much as a compressed CSV.
_ALWAYS = 1 << 20
# The least that a field takes in memory.
_FIELD_BYTES = 8
# Names that the numbers of the rows are read under.
_OURS = ("file_row_number", "microseg_row")
_UNREADABLE = ("BLOB", "BIT", "STRUCT", "MAP", "UNION", "INTERVAL", "GEOMETRY", "VARIANT")


def check_parquet(
    connection: duckdb.DuckDBPyConnection, settings: Settings, source: Source, contract: "SourceFormat"
) -> None:
    """Refuse a bomb, and a file that has a column of the contract twice.

    Args:
        connection: Reads the footer.
        settings: Bound on growth.
        source: A Parquet source.
        contract: Names the columns.

    Raises:
        SourceError: In one line, with the bound.
        duckdb.Error: The footer cannot be read.
    """
    row = connection.execute(query("raw/select_parquet_size"), {"uri": source.uri}).fetchone()
    size, rows, unpacked, names = row or (0, 0, 0, [])
    columns = sum(1 for name in contract.columns.values() if name)
    bound = size * settings.max_expansion + _ALWAYS
    if max(int(unpacked), int(rows) * columns * _FIELD_BYTES) > bound:
        raise SourceError(
            f"{source.name}: {rows:,} rows in {size:,} bytes unpack to more than {bound:,} bytes: refused as a "
            "compression bomb; if it is none, raise MICROSEG_MAX_EXPANSION"
        )
    twice = [name for name in contract.columns.values() if names.count(name) > 1]
    if twice:
        raise SourceError(f"{source.name}: it has the column {twice[0]} more than once; nothing was loaded")
    ours = [name for name in names if name.lower() in _OURS]
    if ours:
        raise SourceError(
            f"{source.name}: it has a column {ours[0]}, a name that is ours: rename it; nothing was loaded"
        )


def check_types(source: Source, contract: "SourceFormat", types: dict[str, str]) -> None:
    """Refuse columns that hold no plain values: as text, nested and binary ones would be ids that nobody else writes.

    Args:
        source: Any source.
        contract: Names the columns.
        types: DuckDB type of each delivered column.

    Raises:
        SourceError: With the column and its type.
    """
    for field, name in contract.columns.items():
        kind = types.get(name, "")
        if kind.startswith(_UNREADABLE) or kind.endswith("]"):
            raise SourceError(
                f"{source.name}: column {shown(name)} ({field}) is of type {shown(kind, 40)}: deliver it as text, "
                "number or date; nothing was loaded"
            )
