"""What was published at a date: the published views over tables that end there, whatever was released since."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import duckdb

from warehouse.attachment import CATALOG
from warehouse.errors import MicrosegError
from warehouse.migrations import expect_schema
from warehouse.queries import query
from warehouse.settings import Settings

SCHEMAS = ("published", "published_with_ids")
_CATALOG = "at_date"


def newest_until(connection: duckdb.DuckDBPyConnection, settings: Settings, day: date) -> date:
    """Return the newest published date up to a day.

    Args:
        connection: A reading warehouse connection.
        settings: Of the warehouse; for messages.
        day: The last business date to know of.

    Raises:
        MicrosegError: No date up to that day is published.
    """
    with expect_schema(settings):
        text = "SELECT min(as_of), max(as_of) FILTER (as_of <= $1) FROM segments.published"
        first, newest = connection.execute(text, [day]).fetchone() or (None, None)
    if newest:
        return date.fromisoformat(str(newest))
    if first:
        raise MicrosegError(f"nothing was published as of {day}: the first published date is {first}")
    raise MicrosegError("nothing is published yet: run `microseg run` first")


@contextmanager
def published_at(connection: duckdb.DuckDBPyConnection, day: date) -> Iterator[None]:
    """Let the names of the published views mean, for the length of a ``with`` block, what had been published at a date.

    The views are made again, by their own definitions, over tables without the dates after it: the newest date is the
    newest one up to that day, and spells that ended later are open. No snapshot is read: of each date the rows are
    those of its newest release, whose moment stands in `published_at`.

    Args:
        connection: A reading warehouse connection, outside of any transaction.
        day: The last business date to know of.
    """
    views = connection.execute(query("published/select_views")).fetchall()
    try:
        connection.execute(query("published/create_at").format(catalog=_CATALOG, day=day))
        for schema, definition in views:
            connection.execute(f"USE {_CATALOG}.{schema}")
            connection.execute(definition)
        connection.execute(f"USE {_CATALOG}")
        yield
    finally:
        connection.execute(f"USE {CATALOG}")
        connection.execute(f"DETACH DATABASE IF EXISTS {_CATALOG}")
