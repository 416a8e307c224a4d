"""Engines that stay open: the next use notices nothing of the last, and what went away is opened anew."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from threading import Barrier
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

import warehouse.engines
from tests.support.postgres import Cluster
from warehouse.attachment import attach
from warehouse.connection import connect
from warehouse.engines import close_idle
from warehouse.errors import DamageError, MicrosegError
from warehouse.locks import living
from warehouse.migrations import migrate
from warehouse.settings import Settings
from warehouse.spill import spill_locks

pytestmark = pytest.mark.warehouse
HEAD = """import sys
from pathlib import Path
from warehouse.connection import connect
from warehouse.settings import Settings
from warehouse.spill import spill_locks
lake = Settings(home=Path(sys.argv[1]))
"""
OTHER_TABLE = (
    HEAD
    + "with connect(lake) as connection: connection.execute(\"CREATE TABLE raw.other AS SELECT 'two' AS a, 2 AS b\")"
)
MARK = "INSERT INTO raw.stale_months VALUES (DATE '2024-02-29', 'load')"
# What a use may leave: what ends with its cursor, what is put back, and what costs the engine its life.
TEMPORARY = (
    "CREATE TEMP TABLE mine AS SELECT 1 AS x",
    "CREATE TEMP VIEW mine AS SELECT 1 AS x",
    "CREATE TEMP MACRO mine(x) AS x",
    "PREPARE mine AS SELECT 1",
    "SET VARIABLE mine = 1",
    "SET schema = 'lake.raw'",
    "BEGIN",
    "SELECT nothing FROM nowhere",
    "SELECT 1",
)
OF_A_WRITER = (
    f"BEGIN; {MARK}",
    "BEGIN; CREATE TABLE raw.mine AS SELECT 1",
    "SET enable_progress_bar = true",
    "SET SESSION TimeZone = 'Asia/Tokyo'",
    "SET GLOBAL TimeZone = 'Asia/Tokyo'",
    "SET preserve_insertion_order = true",
    "SET python_enable_replacements = false",
)
LASTING = (
    "CREATE TABLE memory.mine AS SELECT 1",
    "CREATE MACRO memory.mine(x) AS x",
    "SET threads = 3",
    "SET memory_limit = '300MB'",
    "ATTACH ':memory:' AS other",
    "ATTACH ':memory:' AS memory",
    "CREATE SECRET mine (TYPE ducklake, METADATA_PATH 'x')",
)
SEEN = """
SELECT 'setting', name, value FROM duckdb_settings()
UNION ALL SELECT 'database', database_name, path FROM duckdb_databases()
UNION ALL SELECT 'secret', name, '' FROM duckdb_secrets()
UNION ALL SELECT 'view', view_name, '' FROM duckdb_views() WHERE temporary AND NOT internal
UNION ALL SELECT 'table', table_name, '' FROM duckdb_tables()
UNION ALL SELECT 'function', function_name, '' FROM duckdb_functions() WHERE NOT internal
UNION ALL SELECT 'prepared', name, '' FROM duckdb_prepared_statements()
UNION ALL SELECT 'variable', name, '' FROM duckdb_variables()
UNION ALL SELECT 'now', current_database(), current_schema()
UNION ALL SELECT 'marks', count(*)::VARCHAR, '' FROM raw.stale_months
"""
# The engine's own folder, the room on its disk, and whether it is the first of its process.
OWN = ("temp_directory", "allowed_directories", "max_temp_directory_size", "allow_unsigned_extensions")
Rows = set[tuple[str, ...]]


class Fault(BaseException):
    """What no code of ours expects."""


class Use(NamedTuple):
    """One ``with`` block, and those within it."""

    read_only: bool
    statements: list[str]
    fails: bool = False
    within: Sequence["Use"] = ()


Uses = st.SearchStrategy[list[Use]]
ALONE: Uses = st.just([])


def uses(*statements: str, fails: bool = False, within: Uses = ALONE) -> Uses:
    """Sequences of uses that do some of the statements, whichever the kind of engine lets them."""
    done = st.lists(st.sampled_from(statements), max_size=3)
    one = st.builds(Use, st.booleans(), done, st.booleans() if fails else st.just(False), within)
    return st.lists(one, max_size=5)


def seen(connection: duckdb.DuckDBPyConnection) -> Rows:
    connection.execute("BEGIN")  # an error, were there a transaction
    rows = {row for row in connection.execute(SEEN).fetchall() if row[1] not in OWN}
    connection.execute("ROLLBACK")
    return rows


def play(settings: Settings, uses: Sequence[Use], clean: dict[bool, Rows]) -> None:
    for use in uses:
        with suppress(Fault), connect(settings, use.read_only) as connection:
            assert seen(connection) ^ clean[use.read_only] == set()
            for statement in use.statements:
                with suppress(duckdb.Error):
                    connection.execute(statement)
            play(settings, use.within, clean)
            if use.fails:
                raise Fault


@pytest.fixture(scope="module")
def shared(migrated_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    home = tmp_path_factory.mktemp("engines") / "home"
    shutil.copytree(migrated_home, home)
    yield Settings(home=home, memory_limit="256MiB")  # what DuckDB gets is then the same for each
    close_idle()


@pytest.fixture(scope="module")
def clean(shared: Settings) -> dict[bool, Rows]:
    """What a reader and a writer see that were opened just now."""
    views = {}
    for read_only in (True, False):
        close_idle()
        with connect(shared, read_only) as connection:
            views[read_only] = seen(connection)
    return views


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bool]]:
    """Of every engine that is opened whether it is a reader."""
    readers: list[bool] = []

    def attached(connection: duckdb.DuckDBPyConnection, settings: Settings, read_only: bool, files: list[Path]) -> None:
        readers.append(read_only)
        attach(connection, settings, read_only, files)

    close_idle()
    monkeypatch.setattr("warehouse.engines.attach", attached)
    yield readers
    close_idle()


def count_marks(settings: Settings) -> int:
    with connect(settings, read_only=True) as connection:
        return int(connection.execute("SELECT count(*) FROM raw.stale_months").fetchall()[0][0])


def mark(settings: Settings) -> None:
    with connect(settings) as connection:
        connection.execute(MARK)


@settings_of_hypothesis(max_examples=8)
@given(uses(*TEMPORARY, *OF_A_WRITER, *LASTING, fails=True, within=uses(*TEMPORARY, *OF_A_WRITER, *LASTING)))
def test_no_use_notices_another(shared: Settings, clean: dict[bool, Rows], sequence: list[Use]) -> None:
    play(shared, [*sequence, Use(True, []), Use(False, [])], clean)
    assert len(spill_locks(shared)) == 2


@settings_of_hypothesis(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(uses(*TEMPORARY, *OF_A_WRITER))
def test_one_reader_and_one_writer_serve_all(
    shared: Settings, clean: dict[bool, Rows], opened: list[bool], sequence: list[Use]
) -> None:
    close_idle()
    opened.clear()
    play(shared, sequence, clean)
    assert sorted(opened) == sorted({use.read_only for use in sequence})


def test_every_use_of_a_reader_is_fenced(lake: Settings, opened: list[bool]) -> None:
    off = [f"current_setting('{name}')" for name in ("enable_external_access", "python_enable_replacements")]
    here = pa.table({"x": [1]})
    for _ in range(3):
        with connect(lake, read_only=True) as connection:
            assert connection.execute(f"SELECT {', '.join(off)}").fetchall() == [(False, False)]
            assert connection.execute("SELECT current_setting('TimeZone')").fetchall() == [("UTC",)]
            for statement in ("SET TimeZone = 'Asia/Tokyo'", "SET lock_configuration = false", "FROM here"):
                with pytest.raises(duckdb.Error, match=r"has been locked|here does not exist"):
                    connection.execute(statement)
    assert opened == [True]
    assert here.num_rows == 1


def test_settings_are_put_back(lake: Settings, opened: list[bool]) -> None:
    for _ in range(2):
        with connect(lake) as connection:
            assert connection.execute("SELECT current_setting('preserve_insertion_order')").fetchall() == [(False,)]
            connection.execute("SET preserve_insertion_order = true")
    assert opened == [False]


@pytest.mark.parametrize("read_only", [True, False])
def test_an_error_ends_an_engine(lake: Settings, opened: list[bool], read_only: bool) -> None:
    for error in (KeyboardInterrupt, MicrosegError, Fault):
        with pytest.raises(error), connect(lake, read_only):
            raise error
        assert spill_locks(lake) == []
    assert opened == [read_only] * 3


def test_a_signal_while_an_engine_is_put_back_ends_it(lake: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: Path, used: bool) -> None:
        raise KeyboardInterrupt

    for _ in range(2):  # a new engine, then one that lies idle
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt), connect(lake):
            patch.setattr(warehouse.engines, "note_use", interrupted)
        assert spill_locks(lake) == []
        with connect(lake):
            pass


def test_a_signal_while_an_engine_is_taken_ends_it(lake: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: Settings) -> None:
        raise KeyboardInterrupt

    mark(lake)
    with monkeypatch.context() as patch:
        patch.setattr(warehouse.engines, "remove_dead", interrupted)
        with pytest.raises(KeyboardInterrupt):
            mark(lake)
    assert spill_locks(lake) == []
    assert count_marks(lake) == 1


@pytest.mark.parametrize("memory", ["1234567KiB", "1000001KiB", "1235900KiB", "987654KiB"])
def test_threads_are_put_back_whatever_the_memory(
    lake: Settings, opened: list[bool], memory: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A setting that follows from both is told in tenths of a MiB."""
    monkeypatch.setattr("warehouse.engines.left_for_engine", lambda _: memory)
    for threads in (2, 3, 4):
        with connect(lake) as connection:
            connection.execute(f"SET threads = {threads}")
    assert opened == [False]


def test_an_engine_is_used_by_one_at_a_time(lake: Settings, opened: list[bool]) -> None:
    together = Barrier(3)

    def use(number: int) -> tuple[str, ...]:
        with connect(lake) as connection:
            connection.execute(f"SET threads = {number}")
            together.wait()
            return tuple(connection.execute("SELECT current_setting('threads')::VARCHAR").fetchall()[0])

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(use, (2, 3, 4))) == [("2",), ("3",), ("4",)]
    assert opened == [False] * 3
    assert len(spill_locks(lake)) == 1


def test_another_home_ends_the_engines_of_the_first(lake: Settings, shared: Settings) -> None:
    for read_only in (True, False):
        with connect(lake, read_only):
            pass
    assert len(spill_locks(lake)) == 2
    with connect(shared, read_only=True):
        assert spill_locks(lake) == []


@pytest.mark.parametrize(
    "change", [{"memory_limit": "300MB"}, {"threads": 3}, {"busy_timeout_ms": 17}, {"s3_key_id": "k"}], ids=str
)
def test_other_settings_need_another_engine(lake: Settings, opened: list[bool], change: dict[str, object]) -> None:
    mark(lake)
    mark(lake.model_copy(update=change))
    assert opened == [False, False]
    mark(lake.model_copy(update=change | {"seed": 7}))
    assert opened == [False, False]


def test_files_are_open_to_the_reader_that_was_given_them(lake: Settings, tmp_path: Path) -> None:
    (tmp_path / "truth.csv").write_text("word\nhunter2\n")
    read = f"FROM read_csv('{tmp_path}/truth.csv')"
    assert count_marks(lake) == 0
    with connect(lake, read_only=True, files=[tmp_path / "truth.csv"]) as connection:
        assert connection.execute(read).fetchall() == [("hunter2",)]
    with connect(lake, read_only=True) as connection, pytest.raises(duckdb.PermissionException):
        connection.execute(read)


def test_what_was_registered_ends_with_its_use(lake: Settings, opened: list[bool]) -> None:
    with connect(lake) as connection:
        connection.register("arriving", pa.table({"x": [1]}))
        assert connection.execute("FROM arriving").fetchall() == [(1,)]
    with connect(lake) as connection, pytest.raises(duckdb.CatalogException):
        connection.execute("FROM arriving")
    assert opened == [False]


def test_connection_is_closed_after_its_use(lake: Settings) -> None:
    with connect(lake) as connection:
        connection.execute(f"BEGIN; {MARK}")
    with pytest.raises(duckdb.ConnectionException, match="closed"):
        connection.execute("SELECT 1")
    with closing(sqlite3.connect(lake.home / "catalog.sqlite", timeout=0)) as catalog:
        catalog.execute("BEGIN EXCLUSIVE")  # nobody holds it
    assert count_marks(lake) == 0


def test_an_engine_that_takes_memory_is_not_kept(lake: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = iter([10, 10 + warehouse.engines.KEPT_BYTES, 11 + warehouse.engines.KEPT_BYTES])
    monkeypatch.setattr(warehouse.engines, "resident_bytes", lambda: next(sizes))
    for kept in (1, 0):
        with connect(lake):
            pass
        assert len(spill_locks(lake)) == kept


def test_an_engine_that_has_spilled_is_not_kept(lake: Settings) -> None:
    with connect(lake) as connection:
        folder = Path(connection.execute("SELECT current_setting('temp_directory')").fetchall()[0][0])
        (folder / "duckdb_temp_storage_DEFAULT-0.tmp").touch()
    assert not folder.exists()


def test_an_idle_engine_is_nobody_at_work(lake: Settings) -> None:
    mark(lake)
    assert living(spill_locks(lake)) == []
    with connect(lake):
        assert [ours for _, ours in living(spill_locks(lake))] == [True]
    assert living(spill_locks(lake)) == []


def test_a_reader_is_nobody_at_work_unless_it_writes_beside_the_lake(lake: Settings, tmp_path: Path) -> None:
    for _ in range(2):  # a new engine, and the same once more
        with connect(lake, read_only=True):
            assert len(spill_locks(lake)) == 1
            assert living(spill_locks(lake)) == []
    with connect(lake, read_only=True, files=[tmp_path / "out.csv"]):
        assert len(living(spill_locks(lake))) == 1


def test_a_reader_is_nobody_at_work_while_it_opens(lake: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    at_work: list[list[tuple[float, bool]]] = []

    def attach_later(*arguments: Any) -> None:
        at_work.append(living(spill_locks(lake)))
        attach(*arguments)

    monkeypatch.setattr(warehouse.engines, "attach", attach_later)
    for read_only in (True, False):
        close_idle()
        with connect(lake, read_only=read_only):
            pass
    reading, writing = at_work
    assert reading == []
    assert len(writing) == 1


def test_a_folder_that_was_tidied_away_is_made_anew(lake: Settings, opened: list[bool]) -> None:
    mark(lake)
    shutil.rmtree(lake.home / "tmp")
    mark(lake)
    assert opened == [False, False]
    assert len(spill_locks(lake)) == 1


@pytest.mark.parametrize("read_only", [True, False])
def test_a_catalog_in_the_place_of_another_is_opened_anew(lake: Settings, read_only: bool) -> None:
    backup = lake.home / "backup.sqlite"
    shutil.copy(lake.home / "catalog.sqlite", backup)
    with connect(lake) as connection:
        connection.execute("CREATE TABLE raw.later AS SELECT 1 AS x")
    with connect(lake, read_only) as connection:
        assert connection.execute("FROM raw.later").fetchall() == [(1,)]
    backup.rename(lake.home / "catalog.sqlite")
    with connect(lake, read_only) as connection, pytest.raises(duckdb.CatalogException):
        connection.execute("FROM raw.later")


def test_a_copy_in_the_place_of_a_catalog_is_opened_anew(lake: Settings, opened: list[bool]) -> None:
    assert count_marks(lake) == 0
    shutil.copy(lake.home / "catalog.sqlite", lake.home / "copy.sqlite")
    (lake.home / "copy.sqlite").rename(lake.home / "catalog.sqlite")
    assert count_marks(lake) == 0
    assert opened == [True, True]


@pytest.mark.parametrize("read_only", [True, False])
def test_a_catalog_restored_into_the_same_file_is_opened_anew(lake: Settings, read_only: bool) -> None:
    """Its tables have the numbers of others that came later: DuckLake would take the ones for the others."""
    catalog = lake.home / "catalog.sqlite"
    before = catalog.read_bytes()
    with connect(lake) as connection:
        connection.execute("CREATE TABLE raw.one AS SELECT 1 AS x")
    with connect(lake, read_only) as connection:
        assert connection.execute("FROM raw.one").fetchall() == [(1,)]
    catalog.write_bytes(before)
    subprocess.run([sys.executable, "-c", OTHER_TABLE, str(lake.home)], check=True, timeout=60)
    with connect(lake, read_only) as connection:
        assert connection.execute("FROM raw.other").fetchall() == [("two", 2)]


@pytest.mark.parametrize("read_only", [True, False])
@pytest.mark.parametrize("damage", ["overwritten", "emptied", "gone"])
def test_a_catalog_that_was_damaged_is_told_as_ever(lake: Settings, read_only: bool, damage: str) -> None:
    catalog = lake.home / "catalog.sqlite"
    with connect(lake, read_only):
        pass
    if damage == "overwritten":
        catalog.write_text("once upon a time, " * 1000)
        with pytest.raises(DamageError, match=r"catalog\.sqlite is damaged: restore it from"), connect(lake, read_only):
            pass
        return
    catalog.unlink() if damage == "gone" else catalog.write_bytes(b"")
    if read_only:
        with pytest.raises(MicrosegError, match="no warehouse at"), connect(lake, read_only):
            pass
    else:  # a new one
        with connect(lake) as connection:
            assert connection.execute("SELECT count(*) FROM lake.snapshots()").fetchall() == [(1,)]


@pytest.mark.postgres
@pytest.mark.parametrize("read_only", [True, False])
def test_a_server_that_was_restarted_is_met_again(
    settings: Settings, postgres_cluster: Cluster, opened: list[bool], read_only: bool
) -> None:
    settings = settings.model_copy(update={"catalog": f"postgres:{postgres_cluster.create_database()}"})
    with connect(settings) as connection:
        migrate(connection)
    mark(settings)
    assert count_marks(settings) == 1
    assert opened == [False, True]
    postgres_cluster.restart()
    with connect(settings, read_only) as connection:
        assert connection.execute("SELECT count(*) FROM raw.stale_months").fetchall() == [(1,)]


def test_a_forked_process_leaves_the_engines_to_its_parent(lake: Settings, opened: list[bool]) -> None:
    mark(lake)
    child = os.fork()
    if not child:
        try:
            mark(lake)
            close_idle()
            os._exit(len(opened) - 1)
        finally:
            os._exit(99)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
    assert len(spill_locks(lake)) == 1
    mark(lake)
    assert opened == [False]
    assert count_marks(lake) == 3


def test_a_process_leaves_no_folder_at_its_end(lake: Settings) -> None:
    done = run_script(lake, "with connect(lake, read_only=True): pass\nprint(len(spill_locks(lake)))")
    assert done.split() == ["1"]
    assert spill_locks(lake) == []
    assert list((lake.home / "tmp").iterdir()) == []


def test_a_process_that_somebody_looks_at_draws_no_progress_bar(lake: Settings) -> None:
    """`python -c` counts as such to DuckDB, and its first connection to an engine draws one."""
    done = run_script(
        lake,
        "for _ in range(2):\n"
        "    with connect(lake, read_only=True) as connection:\n"
        "        print(connection.execute(\"SELECT current_setting('enable_progress_bar')\").fetchall()[0][0])",
    )
    assert done.split() == ["False", "False"]


def run_script(lake: Settings, body: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", HEAD + body, str(lake.home)], capture_output=True, text=True, timeout=60, check=True
    ).stdout
