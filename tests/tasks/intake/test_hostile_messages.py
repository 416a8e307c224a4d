"""What engines say of a value that they stumble over never reaches a user, a log or a table."""

from pathlib import Path

import duckdb
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tasks.intake.replay import replay
from tasks.operation.journal import Journal, Outcome
from tasks.stages.stage import telling_no_values
from tests.support.postgres import Cluster
from tests.tasks.builders import TODAY, Bank, row, write_csv
from warehouse.errors import SourceError, UnforeseenError

SECRET = "C0042SECRET"  # noqa: S105


def not_utf8(texts: list[bytes]) -> pa.Array:
    """A column that says it is text, whatever its bytes are."""
    return pa.array(texts, type=pa.binary()).view(pa.string())


def write_broken_text(path: Path) -> Path:
    customers = not_utf8([b"anna", b"\xff" + SECRET.encode()])
    columns = {name: [str(value)] * 2 for name, value in row(1).items()} | {"transaction_id": ["t1", "t2"]}
    pq.write_table(pa.table(columns | {"customer_id": customers}), path)
    return path


def message_of(error: BaseException) -> str:
    """All that a traceback of an error would show."""
    causes = [error.__cause__, None if error.__suppress_context__ else error.__context__]
    return str(error) + "".join(message_of(each) for each in causes if each)


def test_a_text_that_is_not_utf8_is_told_without_it(bank: Bank, tmp_path: Path) -> None:
    path = write_broken_text(tmp_path / "a.parquet")
    with pytest.raises(SourceError) as caught:
        bank.ingest(path)
    assert message_of(caught.value) == f"{path} cannot be read: a text in it is not UTF-8; nothing was loaded"


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("column", "reason"),
    [
        ("note::integer AS customer_id", "a value is not of type integer"),
        ("(note || '9')::date AS customer_id", "a value is not of type date"),
        ("1 / (amount - 10)::integer AS customer_id", "the query divides by zero"),
        ("raise_it(note) AS customer_id", "the engine refused it"),
    ],
)
def test_a_cast_on_the_server_is_told_without_the_value(
    bank: Bank, postgres_cluster: Cluster, column: str, reason: str
) -> None:
    dsn = postgres_cluster.create_database()
    with psycopg.connect(dsn, autocommit=True) as server:
        server.execute("CREATE TABLE bookings (note text, amount numeric)")
        server.execute(f"INSERT INTO bookings VALUES ('{SECRET}', 10)".encode())
        server.execute(
            "CREATE FUNCTION raise_it(text) RETURNS text LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'customer % is locked', $1; END $$"
        )
    with pytest.raises(SourceError) as caught:
        bank.ingest(f"postgres:{dsn}", sql=f"SELECT {column} FROM bookings")
    assert reason in str(caught.value)
    assert SECRET not in message_of(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_to_replay_is_refused_without_its_text(bank: Bank, tmp_path: Path) -> None:
    path = tmp_path / "corrected.csv"
    names = "load_id,row_number,transaction_id,customer_id,booked_at,amount,currency,source_code"
    path.write_text(f"{names}\nx,1,{SECRET}\n", encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        replay(bank.context(), path)
    assert f"{path} cannot be replayed: line 2 is no row" in str(caught.value)
    assert SECRET not in message_of(caught.value)


def quoting() -> Outcome:
    duckdb.execute(f"SELECT '{SECRET}'::INTEGER")
    return Outcome(None)


def test_what_nobody_foresaw_leaves_a_stage_without_its_message() -> None:
    with pytest.raises(UnforeseenError) as caught:
        telling_no_values(quoting)()
    assert message_of(caught.value) == "an unexpected error occurred (ConversionException)"
    assert caught.traceback[-1].name == "quoting"  # where it came from is kept

    def empty() -> None:
        raise SourceError("a.csv is empty")

    with pytest.raises(SourceError, match=r"^a\.csv is empty$"):
        telling_no_values(empty)()


def test_the_journal_keeps_the_kind_of_an_error_and_no_value(bank: Bank, tmp_path: Path) -> None:
    with pytest.raises(UnforeseenError) as caught, Journal(bank.settings, "nightly", TODAY):
        quoting()
    [(message,)] = bank.query("SELECT message FROM ops.runs")
    assert message == "UnforeseenError: an unexpected error occurred (ConversionException)"
    assert SECRET not in message_of(caught.value)


def test_a_row_that_loads_beside_a_rejected_one_is_in_no_message(bank: Bank, tmp_path: Path) -> None:
    done = bank.ingest(write_csv(tmp_path / "a.csv", [row(1), row(2, amount=SECRET)]))
    assert (done.accepted, done.rejected) == (1, 1)
