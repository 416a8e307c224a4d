"""Orphans below MICROSEG_DATA_PATH go with a maintenance; what anybody may need stays."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tasks.operation.expiry import remove_files
from tasks.operation.journal import Journal
from tasks.operation.orphans import MARGIN, Orphans, is_of_a_run, let_go_of_orphans, orphans
from tasks.stages.maintenance import remove_old_files
from tests.support.object_store import client_of, object_store, settings_of
from warehouse.connection import connect, in_transaction
from warehouse.engines import close_idle
from warehouse.errors import MicrosegError
from warehouse.lone import NewFile, lone_engine, write_out
from warehouse.migrations import migrate
from warehouse.registered import keep_out_of_catalog, register, writing
from warehouse.settings import Settings

pytestmark = pytest.mark.warehouse
TABLE = "spend.monthly"
ROWS = f"INSERT INTO {TABLE} SELECT i, DATE '2024-01-01', 1, i, 1 FROM range(50) AS numbers (i)"
LATER = timedelta(hours=8)
OLD = "ducklake-01900000-0000-7000-8000-000000000000.parquet"  # of 2024, when no run was at work
NOTHING = (Orphans(), 0)


class Store(NamedTuple):
    """A warehouse in an object store, after a run that wrote a file."""

    settings: Settings
    client: Any

    def names(self) -> set[str]:
        listed = self.client.list_objects_v2(Bucket="bank").get("Contents", [])
        return {f"s3://bank/{entry['Key']}" for entry in listed}

    def put(self, place: str) -> str:
        self.client.put_object(Bucket="bank", Key=place.removeprefix("s3://bank/"), Body=b"rows")
        return place


@contextmanager
def stored(home: Path, catalog: str = "") -> Iterator[Store]:
    with object_store() as address:
        client = client_of(address)
        client.create_bucket(Bucket="bank")
        place = {"home": home, "catalog": catalog, "data_path": "s3://bank/lake/", **settings_of(address)}
        settings = Settings.model_validate(place)
        a_run(settings)
        yield Store(settings, client)
        close_idle()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with stored(tmp_path / "home") as filled:
        yield filled


def a_run(settings: Settings) -> None:
    with connect(settings) as connection:
        migrate(connection)
    with Journal(settings, "nightly", date(2026, 3, 10)), connect(settings) as connection:
        keep_out_of_catalog(connection, [TABLE])
        connection.execute(ROWS)


def written_by_a_unit(settings: Settings) -> NewFile:
    """Write what nobody registers, as a worker does that is killed before it could tell of it."""
    with connect(settings) as connection:
        target = writing(connection, settings, TABLE)
    with lone_engine(settings, [], [target]) as alone:
        alone.execute(ROWS)
        return write_out(alone, target)[0]


def registered(settings: Settings, file: NewFile) -> None:
    with connect(settings) as connection:
        in_transaction(connection, lambda: register(connection, settings, [file]))


def maintained(settings: Settings, after: timedelta) -> tuple[Orphans, int]:
    now = datetime.now(UTC) + after
    return let_go_of_orphans(settings, now, "maintenance"), remove_files(settings, now)


def rows(settings: Settings) -> int:
    with connect(settings, read_only=True) as connection:
        (count,) = connection.execute(f"SELECT count(*) FROM {TABLE}").fetchone() or (0,)
    return int(count)


def what_killed_runs_left_goes_and_nothing_else(store: Store) -> None:
    kept, orphan = written_by_a_unit(store.settings), written_by_a_unit(store.settings)
    registered(store.settings, kept)
    folder = kept.path.rpartition("/")[0]
    of_others = {
        store.put(f"s3://bank/another/{OLD}"),
        store.put(f"s3://bank/lake/notes/{OLD}"),
        store.put(f"{folder}/rows.parquet"),
        store.put(f"{folder}/{OLD}.bak"),
    }
    before = store.names()
    assert of_others | {kept.path, orphan.path} < before
    assert maintained(store.settings, timedelta()) == NOTHING
    assert store.names() == before
    assert maintained(store.settings, LATER) == (Orphans((orphan.path,)), 1)
    assert store.names() == before - {orphan.path}
    assert maintained(store.settings, LATER) == NOTHING
    close_idle()
    assert rows(store.settings) == 100


def test_what_killed_runs_left_goes_and_nothing_else(store: Store) -> None:
    what_killed_runs_left_goes_and_nothing_else(store)


@pytest.mark.postgres
def test_with_a_catalog_in_postgres_too(tmp_path: Path, postgres_dsn: str) -> None:
    with stored(tmp_path / "home", f"postgres:{postgres_dsn}") as filled:
        what_killed_runs_left_goes_and_nothing_else(filled)


def test_files_of_older_snapshots_and_those_that_wait_to_be_removed_are_no_orphans(store: Store) -> None:
    before = store.names()
    with connect(store.settings) as connection:
        connection.execute(f"DELETE FROM {TABLE}")
        assert orphans(connection, store.settings, datetime.now(UTC) + LATER) == Orphans()
        connection.execute("CALL ducklake_expire_snapshots('lake', older_than => now())")
    assert maintained(store.settings, LATER) == NOTHING
    assert store.names() >= before


def test_beside_another_run_nothing_goes(store: Store) -> None:
    orphan = written_by_a_unit(store.settings)
    with Journal(store.settings, "backfill", date(2026, 3, 10)):
        assert maintained(store.settings, LATER) == NOTHING
    assert orphan.path in store.names()
    assert maintained(store.settings, LATER) == (Orphans((orphan.path,)), 1)


def test_where_another_catalog_writes_nothing_goes_and_it_is_told(store: Store) -> None:
    orphan = written_by_a_unit(store.settings)
    stranger = store.put(f"{orphan.path.rpartition('/')[0]}/{OLD}")
    outcome = remove_old_files.fn(store.settings, datetime.now(UTC) + LATER, "maintenance")
    assert outcome.rows == 0
    assert "1 file below MICROSEG_DATA_PATH" in outcome.note
    assert {orphan.path, stranger} <= store.names()


def test_what_is_about_to_be_removed_can_no_longer_be_registered(store: Store) -> None:
    late = written_by_a_unit(store.settings)
    assert let_go_of_orphans(store.settings, datetime.now(UTC) + LATER, "maintenance").places == (late.path,)
    with pytest.raises(MicrosegError, match="about to be removed"):
        registered(store.settings, late)
    assert rows(store.settings) == 50
    assert remove_files(store.settings, datetime.now(UTC) + LATER) == 1  # by whoever comes next, if this one is killed


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A warehouse whose files lie in a folder that others can write to."""
    root = tmp_path_factory.mktemp("elsewhere")
    settings = Settings(home=root / "home", data_path=f"{root}/lake/")
    a_run(settings)
    yield settings
    close_idle()


def named(moment: datetime) -> str:
    number = (int(moment.timestamp() * 1000) << 80) | (7 << 76) | (2 << 62)
    return f"ducklake-{UUID(int=number)}.parquet"


hours = st.floats(0, 30)
HAIR = 1e-5  # of an hour


@given(named_before=hours, written_before=hours, folder=st.sampled_from(["spend/monthly", "spend", "notes"]))
def test_a_file_is_an_orphan_by_every_sign(
    elsewhere: Settings, named_before: float, written_before: float, folder: str
) -> None:
    patience = elsewhere.run_patience_hours + MARGIN.total_seconds() / 3600
    # Names hold milliseconds: a moment that is the bound itself is on either side of it.
    assume(abs(min(named_before, written_before) - patience) > HAIR)
    now = datetime.now(UTC) + LATER
    path = Path(elsewhere.data_path) / folder / named(now - timedelta(hours=named_before))
    path.parent.mkdir(exist_ok=True)
    path.touch()
    try:
        moment = (now - timedelta(hours=written_before)).timestamp()
        os.utime(path, (moment, moment))
        with connect(elsewhere) as connection:
            left = orphans(connection, elsewhere, now)
    finally:
        path.unlink()
    is_old = folder == "spend/monthly" and min(named_before, written_before) > patience
    # The only run began and ended 8 hours before.
    is_strange = named_before > LATER.total_seconds() / 3600 + 1
    assert left == (Orphans((() if is_strange else (str(path),)), int(is_strange)) if is_old else Orphans())


moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 2, 1), timezones=st.just(UTC))


@given(begun=moments, length=st.one_of(st.none(), hours), moment=moments)
def test_a_run_is_at_work_from_its_beginning_until_nobody_waits_for_it(
    begun: datetime, length: float | None, moment: datetime
) -> None:
    ended = None if length is None else begun + timedelta(hours=length)
    patience = timedelta(hours=6)
    is_at_work = begun - MARGIN <= moment <= begun + timedelta(hours=length or 0) + patience + MARGIN
    assert is_of_a_run(moment, [(begun, ended)], patience) == is_at_work
    assert not is_of_a_run(moment, [], patience)
