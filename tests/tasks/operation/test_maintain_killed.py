"""A maintenance that is killed anywhere and run again leaves what an undisturbed one leaves."""

import shutil
import signal
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest

from tasks.operation.exported import remove_exports
from tasks.operation.leftovers import remove_leftovers
from tasks.operation.maintain import measure
from tasks.operation.verify import read_report
from tests.support.checksums import table_checksums
from tests.tasks.intake.killed import light_fuse
from tests.tasks.operation.retained import files_known, files_on_disk, maintain, night, without_models
from warehouse.connection import connect
from warehouse.settings import Settings

pytestmark = pytest.mark.warehouse
AHEAD = 9
MARKS = [
    ("DELETE FROM features.inputs", 1),
    ("DELETE FROM spend.steps", 1),
    ("DELETE FROM spend.periods", 1),
    ("DELETE FROM ops.provenance", 1),
    ("COMMIT", 1),
    ("DELETE FROM segments.by_date", 1),
    ("INSERT INTO segments.by_date", 1),
    ("INSERT INTO ops.files", 1),
    ("ducklake_expire_snapshots", 1),
    ("DELETE FROM __ducklake_metadata_lake", 3),
    ("ducklake_cleanup_old_files", 1),
]


@pytest.fixture(scope="module")
def before(migrated_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Six dates of a month that is over, and two of today."""
    settings = Settings(home=tmp_path_factory.mktemp("before") / "home", threads=1)
    settings = settings.model_copy(update={"keep_days": 2})
    shutil.copytree(migrated_home, settings.home)
    with without_models():
        for n in range(6):
            night(settings, date(2026, 1, 1) + timedelta(days=n))
        for n in range(2):
            night(settings, date(2026, 3, 1) + timedelta(days=n))
    return settings


def copied(before: Settings, home: Path) -> Settings:
    shutil.copytree(before.home, home)
    return before.model_copy(update={"home": home})


def die(settings: Settings, mark: str, times: int) -> None:
    light_fuse(mark, times)
    maintain(settings, AHEAD)


def state(settings: Settings) -> tuple[object, ...]:
    with connect(settings, read_only=True) as connection:
        tables = table_checksums(connection, ("features", "segments", "spend", "candidates"))
    folders = {path.name for path in (settings.home / "exports").iterdir()}
    return tables, folders, measure(settings).files, read_report(settings).problems


@pytest.fixture(scope="module")
def undisturbed(before: Settings, tmp_path_factory: pytest.TempPathFactory) -> tuple[object, ...]:
    settings = copied(before, tmp_path_factory.mktemp("undisturbed") / "home")
    assert maintain(settings, AHEAD)[0] == 6
    return state(settings)


@pytest.mark.parametrize(("mark", "times"), MARKS, ids=[f"{mark} {times}" for mark, times in MARKS])
def test_killed_and_run_again(
    before: Settings, undisturbed: tuple[object, ...], tmp_path: Path, mark: str, times: int
) -> None:
    settings = copied(before, tmp_path / "home")
    processes = get_context("forkserver")
    processes.set_forkserver_preload([__name__])  # what a child needs is imported once
    child = processes.Process(target=die, args=(settings, mark, times))
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    with connect(settings) as connection:
        remove_leftovers(connection, settings)
    maintain(settings, AHEAD)
    assert state(settings) == undisturbed
    assert files_on_disk(settings) == files_known(settings)


def test_half_removed_exports_are_a_leftover(before: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = copied(before, tmp_path / "home")
    days = [date(2026, 1, 1), date(2026, 1, 2)]

    def killed(path: Path, ignore_errors: bool = False) -> None:
        if not ignore_errors:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("tasks.operation.exported.shutil.rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            remove_exports(settings, days)
    left = {path.name for path in (settings.home / "exports").iterdir()}
    assert "as_of=2026-01-01" not in left
    assert "as_of=2026-01-02" in left
    with connect(settings) as connection:
        assert remove_leftovers(connection, settings) == 1
    assert remove_exports(settings, days) == 1
    assert not list((settings.home / "exporting").glob("as_of=*"))
