"""Files of the lake as lone engines read them, and files of lone engines as the lake does."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from threading import Barrier

import pytest

from warehouse.connection import connect, in_transaction
from warehouse.errors import ConflictError, MicrosegError
from warehouse.inlined import rows_in_catalog
from warehouse.lone import lone_engine, write_out
from warehouse.registered import keep_out_of_catalog, reading, register, writing
from warehouse.settings import Settings
from warehouse.stored import live_files

pytestmark = pytest.mark.warehouse
TABLE = "spend.monthly"


def rows(first: int, last: int) -> str:
    columns = "i, DATE '2024-01-01' + i::INTEGER, i % 5, i, 1"
    return f"INSERT INTO {TABLE} SELECT {columns} FROM range({first}, {last}) AS numbers (i)"


def deleted(condition: str) -> str:
    return f"DELETE FROM {TABLE} WHERE {condition}"


def seen_alone(settings: Settings) -> list[tuple[object, ...]]:
    with connect(settings) as connection:
        keep_out_of_catalog(connection, [TABLE])
        table = reading(connection, settings, live_files(connection), TABLE)
    with lone_engine(settings, [table], []) as alone:
        return alone.execute(f"FROM {TABLE} ORDER BY ALL").fetchall()


def held(settings: Settings) -> list[tuple[object, ...]]:
    with connect(settings, read_only=True) as connection:
        return connection.execute(f"FROM {TABLE} ORDER BY ALL").fetchall()


@pytest.mark.parametrize(
    "changes",
    [
        [],
        [rows(0, 100)],
        [rows(0, 5)],  # inside of the catalog
        [rows(0, 100), rows(100, 104), deleted("customer_key IN (3, 5)")],
        [
            rows(0, 100),
            deleted("customer_key < 60"),
            deleted("customer_key = 70"),
        ],
        [rows(0, 100), f"UPDATE {TABLE} SET amount = -1 WHERE customer_key > 50", rows(300, 400)],
        [rows(0, 100), deleted("true")],
    ],
)
def test_a_lone_engine_sees_the_rows_of_the_lake(lake: Settings, changes: list[str]) -> None:
    with connect(lake) as connection:
        for change in changes:
            connection.execute(change)
    before = held(lake)
    assert seen_alone(lake) == before
    assert held(lake) == before
    with connect(lake) as connection:  # from now on every row is in a file, and so is what says that it is deleted
        for change in (rows(1000, 1003), deleted("customer_key IN (1, 1001)")):
            connection.execute(change)
        assert rows_in_catalog(connection).get(TABLE, 0) == 0
    assert seen_alone(lake) == held(lake)


def test_runs_that_begin_at_once_keep_rows_out_of_the_catalog_together(lake: Settings) -> None:
    tables = ["raw.transactions", "raw.customers", TABLE, "spend.periods", "traces.states", "ref.classes"]
    with connect(lake) as connection:
        connection.execute(rows(0, 5))
    before, start = held(lake), Barrier(4)

    def begin(_: int) -> bool:
        start.wait()
        for _ in range(3):  # a stage whose writes collided is tried again, by an engine that knows of the others'
            with suppress(ConflictError), connect(lake) as connection:
                keep_out_of_catalog(connection, tables)
                return True
        return False

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(begin, range(4)))
    with connect(lake) as connection:
        assert rows_in_catalog(connection).get(TABLE, 0) == 0
    assert held(lake) == before


def test_customers_and_days_bound_what_is_read(lake: Settings) -> None:
    with connect(lake) as connection:
        for first in (0, 100):
            connection.execute(rows(first, first + 100))
        files = live_files(connection)
        later = reading(connection, lake, files, TABLE, lambda file: file.overlaps(date(2024, 5, 1), date(2024, 7, 1)))
        nobody = reading(connection, lake, files, TABLE, lambda _: False)
    assert len(later.parts) == 1
    with lone_engine(lake, [later.of((150, 160))], []) as alone:
        assert alone.execute(f"SELECT min(customer_key), max(customer_key) FROM {TABLE}").fetchone() == (150, 160)
    with lone_engine(lake, [nobody], []) as alone:
        assert alone.execute(f"SELECT count(*), sum(amount) FROM {TABLE}").fetchone() == (0, None)


def test_what_is_registered_is_part_of_the_lake_or_of_nothing(lake: Settings) -> None:
    with connect(lake) as connection:
        connection.execute(rows(0, 100))
        place = writing(connection, lake, TABLE)
    with lone_engine(lake, [], [place]) as alone:
        alone.execute(rows(500, 700))
        (file,) = write_out(alone, place)
    with connect(lake) as connection:

        def fail() -> None:
            register(connection, lake, [file])
            raise MicrosegError("stopped")

        with pytest.raises(MicrosegError, match="stopped"):
            in_transaction(connection, fail)
        assert connection.execute(f"SELECT count(*) FROM {TABLE}").fetchone() == (100,)
        in_transaction(connection, lambda: register(connection, lake, [file]))
        assert connection.execute(f"SELECT count(*), sum(amount) FROM {TABLE}").fetchone() == (300, 4950 + 119900)
        assert {one.path: one.size for one in live_files(connection)}[
            file.path.removeprefix(lake.data_uri)
        ] == file.size
        with pytest.raises(MicrosegError, match="part of the lake already"):
            in_transaction(connection, lambda: register(connection, lake, [file]))
        assert connection.execute(f"SELECT count(*) FROM {TABLE}").fetchone() == (300,)


def test_each_writing_has_files_of_its_own_and_none_without_rows(lake: Settings) -> None:
    with connect(lake) as connection:
        place, by_class = writing(connection, lake, TABLE), writing(connection, lake, TABLE, by="class_id")
    names = []
    for _ in range(2):
        with lone_engine(lake, [], [place]) as alone:
            assert write_out(alone, place) == []
            alone.execute(rows(0, 10))
            names += [file.path for file in (*write_out(alone, place), *write_out(alone, by_class))]
    assert len(set(names)) == 2 * (1 + 5)
