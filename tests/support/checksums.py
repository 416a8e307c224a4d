"""Tells two warehouses apart by what their tables say, not by when or in which run they were written."""

import duckdb

from warehouse.connection import in_transaction
from warehouse.queries import identifier

NOT_CONTENT = frozenset(
    {
        "run_id",
        "announced_at",
        "summed_at",
        "rejected_at",
        "started_at",
        "finished_at",
        "withdrawn_at",
        "dismissed_at",
        "applied_at",
        "checked_at",
        "published_at",
        "released_at",
    }
)
LAYERS = ("raw", "ref", "spend", "features", "models", "segments")


def table_checksums(
    connection: duckdb.DuckDBPyConnection,
    layers: tuple[str, ...] = LAYERS,
    without: frozenset[str] = NOT_CONTENT,
) -> dict[str, tuple[int, int]]:
    """Return rows and an order-free checksum of each table of some layers.

    Args:
        connection: A warehouse connection.
        layers: Schemas to compare.
        without: Columns that two equal warehouses may differ in.
    """
    columns = connection.execute(
        "SELECT schema_name || '.' || table_name, column_name FROM duckdb_columns() "
        "WHERE database_name = current_database() AND schema_name IN (SELECT unnest($1)) ORDER BY ALL",
        [list(layers)],
    ).fetchall()
    tables: dict[str, list[str]] = {}
    for table, column in columns:
        if column not in without:
            tables.setdefault(table, []).append(identifier(column))
    # One transaction: outside of one the lake looks for its newest snapshot before each table, which doubles the time.
    return in_transaction(
        connection, lambda: {table: _checksum(connection, table, names) for table, names in tables.items()}
    )


def _checksum(connection: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> tuple[int, int]:
    row = connection.execute(
        f"SELECT count(*), coalesce(sum(hash({', '.join(columns)})::HUGEINT), 0) FROM {table}"
    ).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])
