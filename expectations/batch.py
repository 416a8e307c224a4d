"""Great Expectations' door to the warehouse: a DuckDB of its own with the lake attached and the batch in it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from expectations.suite import BATCH
from warehouse.connection import attach, engine_config
from warehouse.settings import Settings
from warehouse.spill import spill_folder

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
        duckdb.Error, SQLAlchemyError: The lake or the batch can't be opened.
    """
    with spill_folder(settings) as spill:
        yield from _opened(context, settings, batch, spill)


def _opened(context: Any, settings: Settings, batch: str, spill: Path) -> Iterator[Any]:
    config = engine_config(settings) | {"temp_directory": str(spill)}
    source = context.data_sources.add_sql(
        "lake",
        connection_string="duckdb:///:memory:",
        create_temp_table=False,
        kwargs={"connect_args": {"config": config}},
    )
    lookup, evaluation = source.get_engine(), source.get_execution_engine().engine

    def open_lake(connection: Any, _record: Any) -> None:
        attach(connection, settings, read_only=True)
        # No query asset: to learn its columns Great Expectations would fetch every row of a query.
        rows = connection.execute(f"SELECT count(*) FROM ({batch})").fetchone()[0]
        connection.execute(f"CREATE TEMP {'TABLE' if rows <= KEPT_ROWS else 'VIEW'} {BATCH} AS {batch}")

    def pretend(connection: Any, _record: Any) -> None:
        # This engine is only asked whether the batch exists: no reason to open the lake a second time.
        connection.execute(f"CREATE TEMP VIEW {BATCH} AS SELECT 1")

    try:
        _listen(lookup, pretend)
        _listen(evaluation, open_lake)
        evaluation.connect().close()  # a batch that can't be opened shows here, once, and not in every expectation
        yield source
    finally:
        lookup.dispose()
        evaluation.dispose()


def _listen(engine: Any, opened: Callable[[Any, Any], None]) -> None:
    from sqlalchemy import event

    engine.dispose()  # connections made before the listener lack the batch
    event.listen(engine, "connect", opened)
    event.listen(engine, "after_cursor_execute", _keep_rows)


def _keep_rows(_connection: Any, cursor: Any, _sql: str, _values: Any, context: Any, _many: bool) -> None:
    """Buffer a result: Great Expectations reads it after it has closed the connection."""
    from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy

    if cursor.description:
        context.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(
            cursor, alternate_description=cursor.description, initial_buffer=cursor.fetchall()
        )
