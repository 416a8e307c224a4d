"""What killed runs leave is counted, and removed by the next run; what a living one is still at is neither."""

import os
import signal
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest

from tasks.operation.journal import Journal
from tasks.operation.leftovers import begun_before, leftovers, remove_leftovers
from tasks.operation.liveness import run_locks
from tasks.operation.status import read_status
from tests.support.postgres import Cluster
from tests.support.processes import workers
from tests.support.workers import write
from warehouse.connection import connect, in_transaction
from warehouse.locks import held
from warehouse.migrations import migrate
from warehouse.settings import Settings

pytestmark = pytest.mark.warehouse
DAY = datetime(2026, 3, 10, tzinfo=UTC).date()


def killed_while(work: Callable[[Settings], None], settings: Settings) -> None:
    child = get_context("forkserver").Process(target=work, args=(settings,))
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL


def write_and_die(settings: Settings) -> None:
    with connect(settings) as connection:
        connection.execute("BEGIN")
        write(connection, 666)
        turn = held(settings.home / "exporting" / "lock")
        turn.__enter__()
        (settings.home / "exporting" / "as_of=2026-03-10").mkdir()
        (settings.home / "data_docs").mkdir()
        (settings.home / "data_docs" / ".partial.index.html").touch()
        signal.raise_signal(signal.SIGKILL)


def die_between_lock_and_journal(settings: Settings) -> None:
    with pytest.MonkeyPatch.context() as patch, connect(settings):
        patch.setattr(Journal, "_in_transaction", lambda *_: signal.raise_signal(signal.SIGKILL))
        with Journal(settings, "nightly", DAY):
            pass


def found(settings: Settings) -> list[Path]:
    with connect(settings, read_only=True) as connection:
        return leftovers(connection, settings)


def told(settings: Settings) -> list[str]:
    findings = [each for each in read_status(settings).findings if each.check.name == "leftovers"]
    return [what for finding in findings for what, _ in finding.rows]


def remove(settings: Settings) -> int:
    with connect(settings) as connection:
        return remove_leftovers(connection, settings)


def commit(settings: Settings, number: int) -> None:
    with connect(settings) as connection:
        in_transaction(connection, lambda: write(connection, number))


def data_files(settings: Settings) -> set[Path]:
    return set((settings.home / "data").rglob("*.parquet"))


def test_what_killed_runs_leave_goes_with_the_next(lake: Settings) -> None:
    commit(lake, 1)
    commit(lake, 2)
    (lake.home / "data" / "raw" / "of somebody else.parquet").touch()
    committed = data_files(lake)
    killed_while(write_and_die, lake)
    killed_while(die_between_lock_and_journal, lake)
    orphans = data_files(lake) - committed
    assert orphans
    assert orphans < set(found(lake))
    assert told(lake) == ["<home>/data", "<home>/data_docs", "<home>/exporting", "<home>/running"]
    assert remove(lake) == len(orphans) + 3
    assert data_files(lake) == committed
    assert (run_locks(lake), found(lake), told(lake)) == ([], [], [])
    with connect(lake, read_only=True) as connection:
        (newest,) = connection.execute("SELECT max(snapshot_id) FROM lake.snapshots()").fetchone() or (0,)
        for version, number in ((newest - 1, 1), (newest, 2)):
            past = f"SELECT count(*), max(load_id) FROM raw.stale_months AT (VERSION => {version})"
            assert connection.execute(past).fetchone() == (50, str(number))


def test_what_a_living_writer_has_not_committed_stays(lake: Settings) -> None:
    commit(lake, 1)
    before = data_files(lake)
    with workers(lake, "hang") as [writer]:
        assert writer.line() == "written"
        killed_while(write_and_die, lake)  # younger than the living one: not told apart yet
        written = data_files(lake)
        assert written > before
        assert written & set(found(lake)) == set()
        remove(lake)
        assert data_files(lake) == written
    # The writer is dead by now.
    assert remove(lake) > 0
    assert data_files(lake) == before


def test_a_clock_put_back_beside_a_living_writer_takes_nothing(lake: Settings) -> None:
    with workers(lake, "hang") as [writer]:
        assert writer.line() == "written"
        assert begun_before(lake) < datetime.now(UTC) - timedelta(hours=lake.run_patience_hours)


def test_an_export_at_work_is_left_alone(lake: Settings) -> None:
    folder = lake.home / "exporting" / "as_of=2026-03-10"
    with held(folder.parent / "lock"):
        folder.mkdir()
        os.utime(folder, (0, 0))  # what was exchanged for the new one is old
        assert (found(lake), remove(lake)) == ([], 0)
    assert found(lake) == [folder]
    assert remove(lake) == 1
    assert [path.name for path in folder.parent.iterdir()] == ["lock"]


def test_a_run_that_is_known_is_left_to_the_journal(lake: Settings) -> None:
    with Journal(lake, "nightly", DAY) as journal:
        assert remove(lake) == 0
        assert [path.name for path in run_locks(lake)] == [journal.run_id]
    assert run_locks(lake) == []


def test_data_elsewhere_is_not_looked_at(settings: Settings, tmp_path: Path) -> None:
    settings = settings.model_copy(update={"data_path": f"{tmp_path}/elsewhere/"})
    with connect(settings) as connection:
        migrate(connection)
    killed_while(write_and_die, settings)
    left = set((tmp_path / "elsewhere").rglob("*.parquet"))
    remove(settings)
    assert left
    assert set((tmp_path / "elsewhere").rglob("*.parquet")) == left


def test_files_that_wait_to_be_deleted_are_the_lakes_own(lake: Settings) -> None:
    commit(lake, 1)
    commit(lake, 2)
    with connect(lake) as connection:
        connection.execute("CALL ducklake_expire_snapshots('lake', older_than => now())")
    with sqlite3.connect(lake.home / "catalog.sqlite") as catalog:
        assert catalog.execute("SELECT count(*) FROM ducklake_files_scheduled_for_deletion").fetchone() != (0,)
    catalog.close()
    assert found(lake) == []


@pytest.mark.postgres
def test_catalog_in_postgres(settings: Settings, postgres_cluster: Cluster) -> None:
    settings = settings.model_copy(update={"catalog": f"postgres:{postgres_cluster.create_database()}"})
    with connect(settings) as connection:
        migrate(connection)
    commit(settings, 1)
    before = data_files(settings)
    killed_while(write_and_die, settings)
    assert found(settings)
    assert remove(settings) > 0
    assert data_files(settings) == before
