"""One door to the warehouse, whatever the home is called, wherever it was moved, and what it says when it is shut."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import duckdb
import psycopg
import pytest

from tests.support.postgres import Cluster
from warehouse.catalog import without_password
from warehouse.connection import connect
from warehouse.engines import close_idle
from warehouse.errors import ConflictError, MicrosegError
from warehouse.migrations import migrate, schema_version
from warehouse.settings import Settings

pytestmark = pytest.mark.warehouse
MARK = "INSERT INTO raw.stale_months VALUES (DATE '2024-02-29', 'load')"


def write_mark(settings: Settings) -> None:
    # More rows than DuckLake keeps inside of the catalog, so that there is a file to lose.
    with connect(settings) as connection:
        connection.execute(MARK)
        connection.execute(
            "INSERT INTO raw.stale_months SELECT DATE '2024-02-29', 'load ' || i FROM range(999) AS r (i)"
        )


def count_marks(settings: Settings) -> int:
    with connect(settings, read_only=True) as connection:
        row = connection.execute("SELECT count(*) FROM raw.stale_months").fetchone()
        assert row is not None
        return int(row[0])


def test_reader_cannot_write(lake: Settings) -> None:
    with connect(lake, read_only=True) as connection:
        for statement in (MARK, "CREATE TABLE raw.mine (i INTEGER)", "DROP TABLE raw.loads"):
            with pytest.raises(duckdb.Error, match="read-only"):
                connection.execute(statement)


def test_connection_is_closed_after_an_error(lake: Settings) -> None:
    with pytest.raises(ZeroDivisionError), connect(lake) as connection:
        raise ZeroDivisionError
    with pytest.raises(duckdb.ConnectionException, match="closed"):
        connection.execute("SELECT 1")


def test_engine_keeps_to_the_limits(lake: Settings) -> None:
    settings = lake.model_copy(update={"memory_limit": "200MiB", "threads": 1})
    with connect(settings) as connection:
        row = connection.execute(
            "SELECT current_setting('memory_limit'), current_setting('threads'), current_setting('temp_directory')"
        ).fetchone()
        assert row is not None
        assert row[:2] == ("200.0 MiB", 1)
        assert Path(row[2]).parent == settings.home.resolve() / "tmp"
    close_idle()
    assert not Path(row[2]).exists()


@pytest.mark.parametrize("name", ["o'hara's \"bank\"", "Zürich 顧客", "semi;colon -- 100%"])
def test_home_of_any_name(tmp_path: Path, migrated_home: Path, name: str) -> None:
    settings = Settings(home=tmp_path / name)
    shutil.copytree(migrated_home, settings.home)
    write_mark(settings)
    assert count_marks(settings) == 1000
    assert list((settings.home / "data").rglob("*.parquet"))


def test_new_home_of_any_name(tmp_path: Path) -> None:
    with connect(Settings(home=tmp_path / "deep" / 'o\'hara "&" søn')) as connection:
        assert schema_version(connection) == 0


def test_moved_home_opens(lake: Settings, tmp_path: Path) -> None:
    write_mark(lake)
    moved = Settings(home=tmp_path / "archive" / "moved")
    moved.home.parent.mkdir()
    lake.home.rename(moved.home)
    assert count_marks(moved) == 1000
    write_mark(moved)
    assert count_marks(moved) == 2000
    assert not lake.home.exists()


def test_copied_home_leaves_the_original_alone(lake: Settings, tmp_path: Path) -> None:
    write_mark(lake)
    copied = Settings(home=tmp_path / "copy")
    shutil.copytree(lake.home, copied.home)
    write_mark(copied)
    assert (count_marks(lake), count_marks(copied)) == (1000, 2000)


def test_shared_data_path_must_be_the_one_of_the_catalog(lake: Settings, tmp_path: Path) -> None:
    elsewhere = lake.model_copy(update={"data_path": f"{tmp_path}/elsewhere/"})
    with pytest.raises(MicrosegError, match=r"not in .*/elsewhere/: set MICROSEG_DATA_PATH to it"), connect(elsewhere):
        pass


@pytest.mark.parametrize("state", ["absent", "empty folder", "empty file"])
def test_reader_of_no_warehouse_is_told_so(settings: Settings, state: str) -> None:
    if state != "absent":
        settings.home.mkdir()
    if state == "empty file":
        (settings.home / "catalog.sqlite").touch()
    with pytest.raises(MicrosegError) as caught, connect(settings, read_only=True):
        pass
    assert str(caught.value) == f"no warehouse at {settings.home}; run `microseg run` first"
    assert settings.home.exists() == (state != "absent")


def test_catalog_that_is_none_is_told_so(settings: Settings) -> None:
    settings.home.mkdir()
    (settings.home / "catalog.sqlite").write_text("once upon a time, " * 1000)
    with pytest.raises(MicrosegError, match=r"catalog\.sqlite is damaged: restore it from"), connect(settings):
        pass


def test_home_that_cannot_be_made_is_told_so(settings: Settings) -> None:
    settings.home.write_text("a file")
    with pytest.raises(MicrosegError, match="cannot be created: File exists; set MICROSEG_HOME"), connect(settings):
        pass


def test_restored_backup_opens_for_a_reader(lake: Settings, tmp_path: Path) -> None:
    restored = Settings(home=tmp_path / "restored")
    restored.home.mkdir()
    with closing(sqlite3.connect(lake.home / "catalog.sqlite")) as catalog:
        catalog.execute("VACUUM INTO ?", [str(restored.home / "catalog.sqlite")])  # not in WAL mode any more
    assert count_marks(restored) == 0
    write_mark(restored)
    assert count_marks(restored) == 1000


def test_relative_home_lies_in_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with connect(Settings(home=Path("deep/home"))) as connection:
        connection.execute("CREATE TABLE numbers AS FROM range(1000)")
    assert list(tmp_path.glob("deep/home/data/main/numbers/*.parquet"))


def test_progress_bar_is_off(lake: Settings) -> None:
    """It would be drawn into the output of a query that takes longer than two seconds."""
    with connect(lake, read_only=True) as connection:
        assert connection.execute("SELECT current_setting('enable_progress_bar')").fetchall() == [(False,)]


@pytest.mark.parametrize(
    "address",
    [
        "host=127.0.0.1 port=1 dbname=lake user=microseg password=hunter2",
        "host=127.0.0.1 port=1 dbname=lake user=microseg password='hunter2 \\' quoted'",
        "postgresql://microseg:hunter2@127.0.0.1:1/lake",
        "postgresql://127.0.0.1:1/lake?user=microseg&password=hunter2",
    ],
)
@pytest.mark.parametrize("read_only", [True, False])
def test_unreachable_catalog_is_told_without_the_password(settings: Settings, address: str, read_only: bool) -> None:
    unreachable = settings.model_copy(update={"catalog": f"postgres:{address}"})
    with pytest.raises(MicrosegError) as caught, connect(unreachable, read_only):
        pass
    text = str(caught.value)
    assert text.startswith('the catalog cannot be opened: connection to server at "127.0.0.1", port 1 failed: ')
    assert "\n" not in text
    assert "hunter2" not in text + without_password(address)
    assert caught.value.__context__ is None  # a traceback would print it


@pytest.mark.postgres
def test_postgres_catalog_with_the_wrong_password(settings: Settings, postgres_cluster: Cluster) -> None:
    address = postgres_cluster.dsn("postgres", "hunter2")
    with (
        pytest.raises(MicrosegError) as caught,
        connect(settings.model_copy(update={"catalog": f"postgres:{address}"})),
    ):
        pass
    assert "password authentication failed for user" in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.postgres
def test_postgres_catalog_without_rights_is_no_busy_catalog(settings: Settings, postgres_cluster: Cluster) -> None:
    address = postgres_cluster.create_database()
    role = f"low_{address.partition('dbname=test_')[2][:8]}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{postgres_cluster.password}'".encode())
    address = address.replace("user=microseg", f"user={role}")
    with (
        pytest.raises(MicrosegError, match="permission denied for schema public") as caught,
        connect(settings.model_copy(update={"catalog": f"postgres:{address}"})),
    ):
        pass
    assert not isinstance(caught.value, ConflictError)


@pytest.mark.postgres
def test_postgres_catalog(settings: Settings, tmp_path: Path, postgres_cluster: Cluster) -> None:
    settings = settings.model_copy(update={"catalog": f"postgres:{postgres_cluster.create_database()}"})
    with pytest.raises(MicrosegError, match=r"no warehouse at postgres:.*password=\*\*\*.*; run `microseg run` first"):
        count_marks(settings)
    with connect(settings) as connection:
        migrate(connection)
    write_mark(settings)
    assert count_marks(settings) == 1000
    with pytest.raises(MicrosegError, match="the catalog keeps its tables in"):
        count_marks(settings.model_copy(update={"home": tmp_path / "other host"}))
