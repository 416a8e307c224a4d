"""Held traces: the scores and states that a date has among its steps; the rows of all others go."""

from collections.abc import Collection, Mapping
from typing import Final

import duckdb

from warehouse.queries import query

SCORES_ID: Final = "scores_id"
STATES_ID: Final = "states_id"
# Tables of the rows, by the column of their id; the three last hold the newest step alone.
BY_ID: Final = {
    SCORES_ID: ("traces.scores",),
    STATES_ID: ("traces.states", "traces.angles", "traces.reasons", "traces.explanations"),
}
# Ids by the column.
Ids = Mapping[str, Collection[int]]


def held_traces(connection: duckdb.DuckDBPyConnection) -> dict[str, set[int]]:
    """Return the ids that a date, or a candidate, has among its steps: their rows are written."""
    return _by_column(connection.execute(query("features/select_held")).fetchall())


def traces_of(connection: duckdb.DuckDBPyConnection, table: str, condition: str) -> dict[str, set[int]]:
    """Return the ids of some steps.

    Args:
        connection: A warehouse connection.
        table: ``features.traced`` or ``candidates.traced``.
        condition: That the steps meet, as SQL of our own.
    """
    return _by_column(connection.execute(f"SELECT scores_id, states_id FROM {table} WHERE {condition}").fetchall())


def drop_unused(connection: duckdb.DuckDBPyConnection, ids: Ids) -> None:
    """Delete the rows of those ids that no date has among its steps any more, inside a transaction."""
    held = held_traces(connection)
    for column, among in ids.items():
        delete_traces(connection, column, set(among) - held[column])


def delete_traces(connection: duckdb.DuckDBPyConnection, column: str, ids: Collection[int]) -> None:
    """Delete the rows of some ids, inside a transaction; files of others stay closed."""
    if not ids:
        return
    listed = ", ".join(str(number) for number in sorted(ids))  # only literals prune files
    for table in BY_ID[column]:
        connection.execute(f"DELETE FROM {table} WHERE {column} IN ({listed})")


def _by_column(rows: list[tuple[int, int]]) -> dict[str, set[int]]:
    return {SCORES_ID: {row[0] for row in rows}, STATES_ID: {row[1] for row in rows}}
