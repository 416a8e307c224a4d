"""Raw rows by units: a query over few months at a time, of which few rows of counts and sums come back."""

from collections.abc import Hashable, Iterable, Sequence
from decimal import Decimal
from typing import Any, TypeVar

import duckdb

from tasks.units.months import Span, batches, months_between
from tasks.units.progress import silent
from tasks.units.unit import Crew, Unit
from warehouse.connection import connect
from warehouse.queries import query
from warehouse.registered import keep_out_of_catalog, reading
from warehouse.settings import Settings
from warehouse.stored import live_files

RAW = "raw.transactions"
Number = TypeVar("Number", int, Decimal)
Rows = list[tuple[Any, ...]]


def rows_by_months(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    name: str,
    days: Span,
    crew: Crew | None,
    feeds: Sequence[str] = (),
) -> Rows:
    """Return what a query of raw rows gives for some days, a part of them at a time where others do it.

    Args:
        connection: A warehouse connection, outside of any transaction.
        settings: Where the data lies.
        name: Of the query: days from ``$first_day`` to before ``$after_day``, and, where there are any, ``$feeds``.
        days: From the first to before the last.
        crew: Reads the rows; None: they are read here, all of them at once.
        feeds: Whose loads the query looks up.

    Returns:
        The rows of each part: who asks puts together what several parts have.
    """
    bounds: dict[str, Any] = {"feeds": tuple(feeds)} if feeds else {}
    if crew is None:
        return _select(connection, name, bounds | {"first_day": days[0], "after_day": days[1]})
    with connect(settings) as writer:
        keep_out_of_catalog(writer, (RAW,))
    files = [file for file in live_files(connection) if file.table == RAW]
    loads = _loads(connection, feeds)

    def unit(batch: Sequence[Span]) -> Unit:
        first, after = batch[0][0], batch[-1][1]
        raw = reading(connection, settings, files, RAW, lambda file: file.overlaps(first, after))
        named = bounds | {"first_day": first, "after_day": after}
        return Unit(select_rows, (name, tuple(named.items()), loads), (raw,), ())

    held = [file for file in files if file.overlaps(*days)]
    first = min((file.first for file in held if file.first), default=days[1])  # nothing lies before
    units = [unit(batch) for batch in batches(months_between(max(days[0], first), days[1]), held)]
    answers = crew(units, silent) if units else {}
    return [row for unit in units for row in answers[unit].figures]


def select_rows(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    bounds: Sequence[tuple[str, Hashable]],
    loads: Sequence[tuple[str, Sequence[str]]],
) -> Rows:
    """Do a query on the raw rows of a lone engine.

    Args:
        connection: With the rows.
        name: Of the query.
        bounds: Its parameters.
        loads: Feeds and the loads of each, where the query looks them up.
    """
    if loads:
        pairs = [(load_id, feed) for feed, ids in loads for load_id in ids]
        given = {"load_ids": [load_id for load_id, _ in pairs], "feeds": [feed for _, feed in pairs]}
        connection.execute(query("units/create_loads"), given)
    return _select(connection, name, dict(bounds))


def added(numbers: Iterable[Number | None]) -> Number | None:
    """Add numbers of several parts up as SQL does: null where all of them are.

    >>> added([1, None, 2])
    3
    """
    known = [number for number in numbers if number is not None]
    return sum(known[1:], start=known[0]) if known else None


def _select(connection: duckdb.DuckDBPyConnection, name: str, bounds: dict[str, Any]) -> Rows:
    lists = {key: list(value) if isinstance(value, tuple) else value for key, value in bounds.items()}
    return connection.execute(query(name), lists).fetchall()


def _loads(connection: duckdb.DuckDBPyConnection, feeds: Sequence[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    text = "SELECT load_id FROM raw.loads WHERE feed = $1 ORDER BY load_id"
    return tuple((feed, tuple(row[0] for row in connection.execute(text, [feed]).fetchall())) for feed in feeds)
