"""The schema reaches the version of the code once, whoever starts first, and never goes back."""

import tarfile
from pathlib import Path

import pytest

import warehouse.migrations
from tests.support.processes import workers
from warehouse.connection import connect
from warehouse.errors import MicrosegError
from warehouse.migrations import migrate, schema_version
from warehouse.queries import query, query_names
from warehouse.settings import Settings
from warehouse.stored import live_files

pytestmark = pytest.mark.warehouse
# Made by the version with schema 3.
EARLIER = Path(__file__).parent / "earlier" / "warehouse.tar.gz"
VERSIONS = list(range(1, len(query_names("schema")) + 1))


def test_files_are_numbered_without_gaps() -> None:
    assert [int(Path(name).name[:3]) for name in query_names("schema")] == VERSIONS


def test_migrating_twice_changes_nothing(settings: Settings) -> None:
    with connect(settings) as connection:
        assert schema_version(connection) == 0
        assert migrate(connection) == VERSIONS
        before = connection.execute("SELECT max(snapshot_id) FROM ducklake_snapshots('lake')").fetchone()
        assert migrate(connection) == []
        assert connection.execute("SELECT max(snapshot_id) FROM ducklake_snapshots('lake')").fetchone() == before
        assert schema_version(connection) == VERSIONS[-1]


def test_every_table_and_view_says_what_it_is(lake: Settings) -> None:
    with connect(lake, read_only=True) as connection:
        silent = connection.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'lake' AND comment IS NULL "
            "UNION ALL SELECT schema_name, view_name FROM duckdb_views() "
            "WHERE database_name = 'lake' AND NOT internal AND comment IS NULL"
        ).fetchall()
    assert silent == [("ops", "schema_versions")]


def test_upgrade_applies_only_what_is_new(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with connect(settings) as connection:
        with monkeypatch.context() as older:
            older.setattr(warehouse.migrations, "query_names", lambda folder: query_names(folder)[:1])
            assert migrate(connection) == [1]
        connection.execute("INSERT INTO raw.stale_months VALUES (DATE '2024-02-01', 'kept')")
        assert migrate(connection) == VERSIONS[1:]
        assert connection.execute("SELECT load_id FROM raw.stale_months").fetchall() == [("kept",)]


def test_failed_file_leaves_the_version_before(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        warehouse.migrations, "query", lambda name: query(name) + ("; SELECT broken" if "002" in name else "")
    )
    with connect(settings) as connection:
        with pytest.raises(Exception, match="broken"):
            migrate(connection)
        assert schema_version(connection) == 1
        monkeypatch.undo()
        assert migrate(connection) == VERSIONS[1:]


def test_edited_file_is_refused(lake: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warehouse.migrations, "query", lambda name: query(name) + "-- a small correction")
    with connect(lake) as connection, pytest.raises(MicrosegError, match=r"001_\w+\.sql was edited after"):
        migrate(connection)


def test_newer_warehouse_is_refused(lake: Settings) -> None:
    with connect(lake) as connection:
        connection.execute("INSERT INTO ops.schema_versions VALUES (99, 'schema/099_future', 'sha', now())")
        with pytest.raises(
            MicrosegError, match=rf"schema version 99, this microseg only knows versions up to {VERSIONS[-1]}: install"
        ):
            migrate(connection)


def migrate_at_once(settings: Settings) -> None:
    with workers(settings, "make", "make") as running:
        applied = " ".join(each.end() for each in running)
    assert sorted(map(int, applied.split())) == VERSIONS
    with connect(settings, read_only=True) as connection:
        rows = connection.execute("SELECT version FROM ops.schema_versions ORDER BY version").fetchall()
    assert [row[0] for row in rows] == VERSIONS


def test_two_processes_make_a_warehouse_at_once(settings: Settings) -> None:
    migrate_at_once(settings)


@pytest.mark.postgres
def test_two_processes_make_a_warehouse_at_once_on_postgres(settings: Settings, postgres_dsn: str) -> None:
    migrate_at_once(settings.model_copy(update={"catalog": f"postgres:{postgres_dsn}"}))


def test_periods_of_before_stay_as_they_were_published_each_in_a_file_of_its_own(tmp_path: Path) -> None:
    with tarfile.open(EARLIER) as archive:
        archive.extractall(tmp_path, filter="data")
    settings = Settings(home=tmp_path / "home")
    columns = "as_of, window_name, customer_key, step, period_start, period_end, class_id, amount, share"
    with connect(settings) as connection:
        before = connection.execute(f"SELECT {columns} FROM spend.by_period ORDER BY ALL").fetchall()
        migrate(connection)
        assert connection.execute(f"SELECT {columns} FROM spend.by_period ORDER BY ALL").fetchall() == before != []
        periods = connection.execute("SELECT count(DISTINCT period_id) FROM spend.periods").fetchall()
        held = [file for file in live_files(connection) if file.table == "spend.periods"]
    assert [(len(held),)] == periods
    assert all(file.first_id == file.last_id for file in held)
