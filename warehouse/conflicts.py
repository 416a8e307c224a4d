"""Two writers at once: how a collision is told from any other error, and tried again."""

from collections.abc import Callable
from random import uniform
from time import sleep
from typing import TypeVar

import duckdb

from warehouse.errors import ConflictError

_Result = TypeVar("_Result")
# What DuckLake, SQLite and PostgreSQL say when another writer was quicker; a query about a column named "conflict" is
# not among it, or a spelling mistake would be tried again and blamed on somebody else.
_CONFLICTS = (
    "database is locked",
    "transaction conflict",
    "could not serialize access",
    "deadlock detected",
    "exceeded the maximum retry count",
    "failed to load ducklake",
    # Two made the same catalog at once; DuckLake declares no unique constraint of its own that rows could break.
    "duplicate key value violates unique constraint",
    '"ducklake_metadata" already exists',
    # On SQLite the list of tables and the tables themselves are read through two connections: one that another
    # process has made between the two is named in the list and not found. A new transaction finds it.
    "table with name ducklake_inlined_data_",
    "failed to probe ducklake metadata: current transaction is aborted",
)


def retried(action: Callable[[], _Result], attempts: int, pause: float) -> _Result:
    """Do something again for as long as another writer is quicker, with exponential back-off and jitter.

    Args:
        action: Must begin from the start each time.
        attempts: Bound on the tries.
        pause: First pause in seconds; doubles with every try.

    Raises:
        ConflictError: Every try collided.
    """
    collision: duckdb.Error | None = None
    for attempt in range(attempts):
        if collision:
            sleep(pause * 2 ** (attempt - 1) * uniform(0.5, 1.5))  # noqa: S311 - jitter, not a secret
        try:
            return action()
        except duckdb.Error as error:
            if not _is_conflict(error):
                raise
            collision = error
    message = f"another writer kept the warehouse busy for {attempts} attempts; run again when it has finished"
    raise ConflictError(message) from collision


def _is_conflict(error: duckdb.Error) -> bool:
    return any(sign in str(error).lower() for sign in _CONFLICTS)
