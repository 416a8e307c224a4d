"""The one door to the warehouse: a DuckDB connection with the DuckLake catalog attached."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import duckdb

from warehouse.conflicts import retried
from warehouse.damage import damage
from warehouse.engines import lent
from warehouse.outage import outage
from warehouse.privacy import keep_private, private_home
from warehouse.settings import Settings
from warehouse.space import lack_of_space

_Result = TypeVar("_Result")


@contextmanager
def connect(
    settings: Settings, read_only: bool = False, files: Sequence[Path] = ()
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse for the length of a ``with`` block.

    Connections never travel between tasks; settings do. From then on this process writes for its owner alone (umask).
    The engine behind the connection stays open for the next ``with`` block, unless this one ends in an error; temporary
    tables, settings and transactions end with the block (`warehouse.engines`).

    Args:
        settings: Where the catalog and the data lie.
        read_only: Readers are never blocked by the writer and see the last commit; they are fenced in.
        files: Files outside of the lake that a reader may open all the same.

    Yields:
        A DuckDB connection whose default catalog is the lake.

    Raises:
        MicrosegError: There is no warehouse to read, or its catalog cannot be reached.
        SpaceError: The disk is full.
        OutageError: A server went away.
        DamageError: The catalog or a data file is damaged.
        BaseException: What a signal raises (Ctrl-C, the end that Prefect asks for), also in the middle of a statement.
    """
    if read_only:
        keep_private(settings)
    else:
        private_home(settings)
    with _told(settings), lent(settings, read_only, files) as connection:
        yield connection


@contextmanager
def _told(settings: Settings) -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        if str(error) != "Query interrupted":
            raise
        # So DuckDB passes on what a signal raised; as a mere error it would be tried again.
        raise error.__cause__ or KeyboardInterrupt() from None
    except (duckdb.Error, OSError) as error:
        if told := lack_of_space(settings, error) or outage(settings, error) or damage(settings, error):
            raise told from error
        raise


def in_transaction(
    connection: duckdb.DuckDBPyConnection, work: Callable[[], _Result], attempts: int = 6, pause: float = 0.1
) -> _Result:
    """Run `work` as one transaction: all of it is committed, or nothing.

    A commit that collides with another writer's is rolled back and tried again with exponential back-off and
    jitter; `work` must therefore read what it needs inside the transaction.

    Args:
        connection: An open warehouse connection, outside of any transaction.
        work: Reads and writes through `connection`.
        attempts: Bound on the tries.
        pause: First pause in seconds; doubles with every try.

    Raises:
        ConflictError: Every try collided.
    """

    def once() -> _Result:
        connection.execute("BEGIN")
        try:
            result = work()
            connection.execute("COMMIT")
        except BaseException:
            _rollback(connection)
            raise
        return result

    return retried(once, attempts, pause)


def _rollback(connection: duckdb.DuckDBPyConnection) -> None:
    with suppress(duckdb.Error):  # a failed COMMIT has already ended the transaction
        connection.execute("ROLLBACK")
