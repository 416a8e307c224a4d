"""The rows under test: a temporary table or view on the fenced reader that everybody reads through."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from expectations.elsewhere import ROW_COUNT, Ask
from expectations.suite import BATCH
from warehouse.connection import connect
from warehouse.settings import Settings

# Rules with statements of their own come back to the batch: fewer rows than these are read from the lake once.
KEPT_ROWS = 1_000_000


@contextmanager
def reader_of(settings: Settings, batch: str, ask: Ask | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a reader with the batch in it.

    Args:
        settings: Settings of the warehouse.
        batch: SELECT of the rows under test.
        ask: Where it counts them, others read them, and nobody does here.

    Raises:
        duckdb.Error: The lake or the batch can't be opened.
    """
    with connect(settings, read_only=True) as connection:
        is_kept = not (ask and ask(ROW_COUNT)) and _is_small(connection, batch)
        connection.execute(f"CREATE TEMP {'TABLE' if is_kept else 'VIEW'} {BATCH} AS {batch}")
        yield connection


def _is_small(connection: duckdb.DuckDBPyConnection, batch: str) -> bool:
    (rows,) = connection.execute(f"SELECT count(*) FROM ({batch})").fetchall()[0]
    return bool(rows <= KEPT_ROWS)
