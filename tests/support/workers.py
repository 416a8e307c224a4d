"""Processes that share one warehouse: ``python -m tests.support.workers <role> <home> <catalog>``.

Each says ``ready`` when it can begin, begins at a line on its standard input and ends with a line that answers. They
count commits instead of seconds: on a busy machine a test takes longer, and finds the same.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import duckdb

import warehouse.engines
from warehouse.connection import connect, in_transaction
from warehouse.migrations import migrate
from warehouse.settings import Settings

COMMITS: Final = 6
ROWS: Final = 50  # more than DuckLake keeps inside of the catalog: every commit writes files
CLEAR: Final = ("DELETE FROM raw.stale_months", "DELETE FROM spend.monthly", "DELETE FROM ops.turn")
# Every commit leaves one number in three tables, in one of them 50 times.
STATE: Final = """
SELECT
    (SELECT count(*) FROM raw.stale_months), (SELECT min(load_id) FROM raw.stale_months),
    (SELECT max(load_id) FROM raw.stale_months), (SELECT count(*) FROM spend.monthly),
    (SELECT min(customer_key)::VARCHAR FROM spend.monthly), (SELECT max(taken_by) FROM ops.turn)
"""
SPILLING: Final = "SELECT i, repeat(md5(i::VARCHAR), 8) AS text FROM range(1000000) AS r (i) ORDER BY md5(text)"
TABLES: Final = (
    "SELECT count(*), min(load_id), max(load_id) FROM raw.stale_months",
    "SELECT count(*), min(customer_key)::VARCHAR FROM spend.monthly",
    "SELECT max(taken_by) FROM ops.turn",
)


def write(connection: duckdb.DuckDBPyConnection, number: int) -> None:
    """Replace what is in the three tables; inside a transaction."""
    for statement in CLEAR:
        connection.execute(statement)
    connection.execute(f"INSERT INTO raw.stale_months SELECT DATE '2024-01-01', '{number}' FROM range({ROWS})")
    connection.execute(f"INSERT INTO spend.monthly VALUES ({number}, DATE '2024-01-01', 1, 1.00, 1)")
    connection.execute(f"INSERT INTO ops.turn VALUES ('{number}')")


def state(connection: duckdb.DuckDBPyConnection) -> tuple[Any, ...]:
    """Read the three tables in one statement."""
    row = connection.execute(STATE).fetchone()
    assert row is not None
    return row


def state_in_turns(connection: duckdb.DuckDBPyConnection) -> tuple[Any, ...]:
    """Read the three tables one after the other in one transaction."""
    connection.execute("BEGIN")
    rows = [connection.execute(statement).fetchone() or () for statement in TABLES]
    connection.execute("COMMIT")
    return tuple(value for row in rows for value in row)


def is_whole(found: tuple[Any, ...]) -> bool:
    """Tell whether a state is one that some commit left."""
    number = found[-1]
    return found == (ROWS, number, number, 1, number, number)


def begin() -> None:
    """Tell that everything is open, and wait for the word."""
    print("ready", flush=True)
    sys.stdin.readline()


def commit(settings: Settings) -> str:
    """Commit the numbers from 2 on, each said when it is done; answer with the last."""
    with connect(settings) as connection:
        begin()
        for number in range(2, COMMITS + 2):
            in_transaction(connection, lambda n=number: write(connection, n), pause=0.01)  # type: ignore[misc]
            print(number, flush=True)
    return "done"


def hammer(settings: Settings) -> str:
    """Read until the last commit shows; answer with the number of reads and of torn ones."""
    reads, torn, number = 0, 0, 0
    with connect(settings, read_only=True) as connection:
        begin()
        while number <= COMMITS:
            for read in (state, state_in_turns):
                found = read(connection)
                reads, torn, number = reads + 1, torn + (not is_whole(found)), int(found[-1] or 0)
    return f"{reads} {torn}"


def hold(settings: Settings) -> str:
    """Keep one transaction open until told to end; answer with what it saw first, last, and afterwards."""
    with connect(settings, read_only=True) as connection:
        connection.execute("BEGIN")
        first = state(connection)
        begin()
        sys.stdin.readline()
        last = state(connection)
        connection.execute("COMMIT")
        return " ".join(str(found[-1]) if is_whole(found) else "torn" for found in (first, last, state(connection)))


def hang(settings: Settings) -> str:
    """Write everything, commit nothing, and wait to be killed."""
    with connect(settings) as connection:
        begin()
        connection.execute("BEGIN")
        write(connection, 666)
        print("written", flush=True)
        sys.stdin.readline()
    return "not killed"


def make(settings: Settings) -> str:
    """Bring the warehouse to the newest schema; answer with the versions applied."""
    begin()
    with connect(settings) as connection:
        return " ".join(map(str, migrate(connection)))


def spill(settings: Settings) -> str:
    """Sort more than the memory holds; say so in the middle, end when told to, and answer with the number of rows."""
    with connect(settings.model_copy(update={"memory_limit": "220MB"}), read_only=True) as connection:
        begin()
        rows = connection.execute(SPILLING)
        first = rows.fetchmany(1000)
        print("spilled", flush=True)
        sys.stdin.readline()
        number = len(first)
        while part := rows.fetchmany(100_000):
            number += len(part)
    return str(number)


ROLES: Final[dict[str, Callable[[Settings], str]]] = {
    each.__name__: each for each in (commit, hammer, hold, hang, make, spill)
}


def main(role: str, home: str, catalog: str) -> None:
    """Play one role."""
    engine_config = warehouse.engines.engine_config
    warehouse.engines.engine_config = lambda settings: engine_config(settings) | {"allow_unsigned_extensions": True}
    print(ROLES[role](Settings(home=Path(home), catalog=catalog)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
