"""Held periods: those that a date has among its steps; the rows of all others go."""

from collections.abc import Collection

import duckdb

from warehouse.queries import query


def held_periods(connection: duckdb.DuckDBPyConnection) -> set[int]:
    """Return the ids of the periods that a date, or a candidate, has among its steps: their rows are written."""
    return {row[0] for row in connection.execute(query("spend/select_held_periods")).fetchall()}


def drop_unused(connection: duckdb.DuckDBPyConnection, period_ids: Collection[int]) -> None:
    """Delete those of some periods that no date has among its steps any more, inside a transaction."""
    delete_periods(connection, set(period_ids) - held_periods(connection))


def delete_periods(connection: duckdb.DuckDBPyConnection, period_ids: Collection[int]) -> None:
    """Delete the rows of some periods, inside a transaction; files of others stay closed."""
    if period_ids:
        listed = ", ".join(str(number) for number in sorted(period_ids))  # only literals prune files
        connection.execute(f"DELETE FROM spend.periods WHERE period_id IN ({listed})")
