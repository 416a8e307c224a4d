"""A PostgreSQL table as a source, one query a load."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from tests.support.postgres import Cluster
from tests.tasks.builders import Bank, new_bank, row, write_csv
from warehouse.errors import SourceError
from warehouse.reference.sets import ReferenceSet

pytestmark = [pytest.mark.warehouse, pytest.mark.postgres]
SECRET = "s3cret/w0rt"  # noqa: S105 - a character that an address must escape
QUERY = "SELECT * FROM bookings"


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def server(postgres_cluster: Cluster) -> tuple[str, str]:
    """Return the address of a database of the bank, and what of it may be shown."""
    dsn = postgres_cluster.create_database()
    name = dict(each.split("=") for each in dsn.split())["dbname"]
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE bank SUPERUSER LOGIN PASSWORD '{SECRET}'".encode())
    place = f"127.0.0.1:{postgres_cluster.port}/{name}"
    return f"postgresql://bank:{quote(SECRET, safe='')}@{place}", place


@pytest.fixture
def table(server: tuple[str, str]) -> Iterator[psycopg.Connection]:
    with psycopg.connect(server[0], autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS bookings")
        connection.execute(
            "CREATE TABLE bookings (transaction_id bigint, customer_id text, booked_at timestamptz, "
            "amount numeric(12, 2), currency char(3), source_code text)"
        )
        connection.execute(
            "INSERT INTO bookings VALUES (1, 'anna', '2024-03-05 10:00Z', 10, 'EUR', 'FOOD'), "
            "(2, 'Åse', '2024-01-31 23:30Z', 5.5, 'EUR', 'TRIP'), (3, NULL, '2024-03-05Z', 1, 'EUR', 'FOOD')"
        )
        yield connection


def test_a_query_is_a_source(bank: Bank, server: tuple[str, str], table: psycopg.Connection) -> None:
    address, place = server
    done = bank.ingest(address, sql=f"{QUERY};")
    assert (done.read, done.accepted, done.rejected) == (3, 2, 1)
    assert [(each[1], str(each[2]), str(each[3])) for each in bank.transactions()] == [
        ("anna", "2024-03-05", "10.00"),
        ("Åse", "2024-01-31", "5.50"),
    ]
    [(reason, text)] = bank.query("SELECT reason, row_text->>'$.transaction_id' FROM raw.rejected")
    assert (reason, text) == ("missing_customer_id", "3")
    assert bank.query("SELECT source FROM raw.loads") == [(f"postgres:{place}: {QUERY};",)]

    table.execute("UPDATE bookings SET currency = currency WHERE transaction_id = 1")  # other order, same rows
    before = bank.snapshots()
    assert bank.ingest(address, sql=f"{QUERY};").unchanged == 1
    bank.query("SELECT 1")
    assert len(bank.transactions()) == 2

    table.execute("DELETE FROM bookings WHERE transaction_id = 2")
    table.execute("UPDATE bookings SET amount = 11, customer_id = 'anna'")
    assert bank.ingest(address, sql=f"{QUERY};").accepted == 2
    assert bank.snapshots() > before
    assert [(each[0], str(each[3])) for each in bank.transactions()] == [("1", "11.00"), ("3", "11.00")]
    assert bank.rejected() == []


def test_no_message_and_no_table_shows_the_password(
    bank: Bank, server: tuple[str, str], table: psycopg.Connection
) -> None:
    address, _ = server
    unreachable = f"{address.rpartition('@')[0]}@127.0.0.1:{free_port()}/postgres"
    wrong = address.replace("s3cret", "wr0ng")
    for pattern, sql, part in (
        (unreachable, QUERY, "Connection refused"),
        (wrong, QUERY, "authentication failed"),
        (address, "SELECT * FROM absent", "does not exist"),
        (address, "SELECT 1 AS transaction_id", "columns customer_id, booked_at"),
    ):
        with pytest.raises(SourceError) as caught:
            bank.ingest(pattern, sql=sql)
        line = str(caught.value)
        assert part in line
        assert "\n" not in line
        assert "w0rt" not in line
        assert caught.value.__cause__ is None
    with pytest.raises(SourceError, match=r"^a PostgreSQL source needs --query"):
        bank.ingest(address)
    bank.ingest(address, sql=QUERY)
    assert not [each for each in bank.query("SELECT CAST(loads AS VARCHAR) FROM raw.loads") if "w0rt" in each[0]]
    assert bank.query("SELECT count(*) FROM raw.loads") == [(1,)]


def test_runs_at_once_load_once_on_a_postgresql_catalog(
    postgres_cluster: Cluster, reference: ReferenceSet, tmp_path: Path
) -> None:
    bank = new_bank(tmp_path / "home", reference, catalog=f"postgres:{postgres_cluster.create_database()}")
    path = write_csv(tmp_path / "a.csv", [row(number) for number in range(50)])
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _: bank.ingest(path), range(2)))
    assert sorted(each.accepted for each in done) == [0, 50]
    assert bank.query("SELECT count(*), count(DISTINCT transaction_id) FROM raw.transactions") == [(50, 50)]
