"""Great Expectations' door to the warehouse: the fenced reader that everybody reads through, with the batch in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb

from expectations.suite import BATCH
from warehouse.connection import connect
from warehouse.settings import Settings

# Each expectation is a query of its own: fewer rows than these are read from the lake once, and held in memory.
KEPT_ROWS = 1_000_000


@contextmanager
def lake_datasource(context: Any, settings: Settings, batch: str) -> Iterator[Any]:
    """Open a data source that evaluates on the lake.

    Args:
        context: A Great Expectations context.
        settings: Settings of the warehouse.
        batch: SELECT of the rows under test.

    Yields:
        The data source; its connections are closed at the end.

    Raises:
        duckdb.Error: The lake or the batch can't be opened.
    """
    with connect(settings, read_only=True) as connection:
        # No query asset: to learn its columns Great Expectations would fetch every row of a query.
        (rows,) = connection.execute(f"SELECT count(*) FROM ({batch})").fetchall()[0]
        connection.execute(f"CREATE TEMP {'TABLE' if rows <= KEPT_ROWS else 'VIEW'} {BATCH} AS {batch}")
        source = context.data_sources.add_sql("lake", connection_string="duckdb:///:memory:", create_temp_table=False)
        # Of these two engines the first is only asked whether the batch is there.
        engines = [source.get_engine(), source.get_execution_engine().engine]
        for engine in engines:
            _listen(engine, connection)
        try:
            yield source
        finally:
            for engine in engines:
                engine.dispose()


def _listen(engine: Any, connection: duckdb.DuckDBPyConnection) -> None:
    from duckdb_sqlalchemy import ConnectionWrapper
    from sqlalchemy import event

    engine.dispose()  # connections made before the listener lack the batch
    event.listen(engine, "do_connect", lambda *_: ConnectionWrapper(connection))
    event.listen(engine, "after_cursor_execute", _keep_rows)


def _keep_rows(_connection: Any, cursor: Any, _sql: str, _values: Any, context: Any, _many: bool) -> None:
    """Buffer a result: Great Expectations reads it after it has closed the connection."""
    from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy

    if cursor.description:
        context.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(
            cursor, alternate_description=cursor.description, initial_buffer=cursor.fetchall()
        )
