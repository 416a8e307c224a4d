"""All or nothing, also when somebody presses Ctrl-C; real conflicts are tried again, and not for ever."""

from collections.abc import Callable
from itertools import count

import duckdb
import pytest

from warehouse.connection import connect, in_transaction
from warehouse.errors import ConflictError, MicrosegError
from warehouse.settings import Settings

pytestmark = pytest.mark.warehouse


def mark(connection: duckdb.DuckDBPyConnection, load_id: str) -> None:
    connection.execute("INSERT INTO raw.stale_months VALUES (DATE '2024-02-01', $1)", [load_id])


def marks(settings: Settings) -> list[str]:
    with connect(settings, read_only=True) as connection:
        return [row[0] for row in connection.execute("SELECT load_id FROM raw.stale_months ORDER BY 1").fetchall()]


def test_commits_and_returns(lake: Settings) -> None:
    with connect(lake) as connection:

        def work() -> str:
            mark(connection, "a")
            mark(connection, "b")
            return "done"

        assert in_transaction(connection, work) == "done"
    assert marks(lake) == ["a", "b"]


@pytest.mark.parametrize(
    "error", [MicrosegError, KeyboardInterrupt, SystemExit, MemoryError, duckdb.InvalidInputException]
)
def test_any_error_leaves_nothing_and_the_connection_usable(lake: Settings, error: type[BaseException]) -> None:
    with connect(lake) as connection:

        def work() -> None:
            mark(connection, "half")
            raise error("boom")

        with pytest.raises(error, match="boom"):
            in_transaction(connection, work)
        in_transaction(connection, lambda: mark(connection, "whole"))
    assert marks(lake) == ["whole"]


def test_ctrl_c_in_a_statement_is_ctrl_c_and_leaves_nothing(lake: Settings) -> None:
    """DuckDB looks at signals between its own tasks and raises this; when it looks is not ours to test."""

    def night() -> None:
        with connect(lake) as connection:

            def work() -> None:
                mark(connection, "half")
                raise RuntimeError("Query interrupted")

            in_transaction(connection, work)

    with pytest.raises(KeyboardInterrupt):
        night()
    assert marks(lake) == []


def test_what_a_signal_raised_in_a_statement_arrives_as_itself(lake: Settings) -> None:
    """Prefect ends a run by a signal whose handler raises this; DuckDB wraps it in an error of its own."""

    class EndedByPrefect(BaseException):
        pass

    with pytest.raises(EndedByPrefect), connect(lake):
        raise RuntimeError("Query interrupted") from EndedByPrefect()


def test_other_runtime_errors_stay_what_they_are(lake: Settings) -> None:
    with pytest.raises(RuntimeError, match="boom"), connect(lake):
        raise RuntimeError("boom")


def test_failing_statement_is_not_tried_again(lake: Settings) -> None:
    tries = count()
    with connect(lake) as connection:

        def work() -> None:
            next(tries)
            mark(connection, "half")
            connection.execute("SELECT conflicting FROM raw.duplicates")  # its column is called conflict

        with pytest.raises(duckdb.BinderException):
            in_transaction(connection, work, pause=0)
    assert (next(tries), marks(lake)) == (1, [])


def collide(settings: Settings, times: int) -> Callable[[duckdb.DuckDBPyConnection], None]:
    """Return work that another writer overtakes the first few times."""
    tries = count(1)

    def work(connection: duckdb.DuckDBPyConnection) -> None:
        attempt = next(tries)
        connection.execute("UPDATE ops.turn SET taken_by = $1", [f"mine {attempt}"])
        if attempt <= times:
            with connect(settings) as other:
                other.execute("UPDATE ops.turn SET taken_by = 'other'")
        mark(connection, f"try {attempt}")

    return work


def test_conflict_is_tried_again_from_the_start(lake: Settings) -> None:
    work = collide(lake, times=2)
    with connect(lake) as connection:
        in_transaction(connection, lambda: work(connection), pause=0.01)
        assert connection.execute("FROM ops.turn").fetchall() == [("mine 3",)]
    assert marks(lake) == ["try 3"]


def test_conflicts_are_bounded(lake: Settings) -> None:
    work = collide(lake, times=99)
    with connect(lake) as connection:
        with pytest.raises(ConflictError, match="for 3 attempts; run again when it has finished") as caught:
            in_transaction(connection, lambda: work(connection), attempts=3, pause=0.01)
        assert isinstance(caught.value.__cause__, duckdb.Error)
        assert connection.execute("FROM ops.turn").fetchall() == [("other",)]
    assert marks(lake) == []


@pytest.mark.parametrize(
    "message",
    [
        "Catalog Error: Table with name ducklake_inlined_data_2_1 does not exist!",
        "TransactionContext Error: Failed to probe DuckLake metadata: Current transaction is aborted (please ROLLBACK)",
    ],
    ids=["half seen", "aborted"],
)
def test_what_two_makers_of_a_warehouse_meet_is_tried_again(lake: Settings, message: str) -> None:
    tries = count()

    def work() -> int:
        if (number := next(tries)) < 2:
            raise duckdb.InvalidInputException(message)
        return number

    with connect(lake) as connection:
        assert in_transaction(connection, work, pause=0) == 2
