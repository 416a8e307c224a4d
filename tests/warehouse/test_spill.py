"""Connections that spill beside each other: none writes into another's files, and none leaves any behind."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import Worker
from warehouse.connection import connect
from warehouse.engines import close_idle
from warehouse.locks import held
from warehouse.settings import Settings
from warehouse.spill import LOCK, remove_dead, spill_folder, spill_locks

pytestmark = pytest.mark.warehouse


@pytest.fixture
def spilling(lake: Settings) -> Iterator[list[Worker]]:
    started: list[Worker] = [Worker("spill", lake) for _ in range(2)]
    try:
        yield started
    finally:
        for each in started:
            each.kill()
            each.process.communicate()


def spills(settings: Settings) -> list[Path]:
    return sorted((settings.home / "tmp").glob("*/duckdb_temp_*"))


def test_two_processes_spill_side_by_side(lake: Settings, spilling: list[Worker]) -> None:
    assert [each.line() for each in spilling] == ["ready", "ready"]
    for each in spilling:
        each.tell()
    assert [each.line() for each in spilling] == ["spilled", "spilled"]
    assert len({path.parent for path in spills(lake)}) == 2
    for each in spilling:
        each.tell()
    assert [each.end() for each in spilling] == ["1000000", "1000000"]
    assert list((lake.home / "tmp").iterdir()) == []


def test_what_a_killed_process_spilled_goes_with_the_next_connection(lake: Settings, spilling: list[Worker]) -> None:
    for each in spilling:
        assert each.line() == "ready"
        each.tell()
        assert each.line() == "spilled"
    killed, living = spilling
    killed.kill()
    assert len({path.parent for path in spills(lake)}) == 2
    with connect(lake, read_only=True):
        pass
    close_idle()
    assert len({path.parent for path in spills(lake)}) == 1
    assert len(spill_locks(lake)) == 1
    living.tell()
    assert living.end() == "1000000"


def test_connections_of_one_process_have_a_folder_each(lake: Settings) -> None:
    with spill_folder(lake) as one, spill_folder(lake) as other:
        assert one != other
        assert one.is_dir()
        assert other.is_dir()
        assert one.parent.stat().st_mode & 0o777 == 0o700
    assert not one.exists()


def test_files_of_earlier_versions_go_when_they_are_old(lake: Settings) -> None:
    tmp = lake.home / "tmp"
    tmp.mkdir(exist_ok=True)
    for name in ("duckdb_temp_storage_DEFAULT-0.tmp", "duckdb_temp_storage_DEFAULT-1.tmp"):
        (tmp / name).touch()
    os.utime(tmp / "duckdb_temp_storage_DEFAULT-0.tmp", (0, 0))
    with connect(lake, read_only=True):
        assert [path.name for path in tmp.glob("duckdb*")] == ["duckdb_temp_storage_DEFAULT-1.tmp"]


def test_empty_folder_of_a_process_killed_before_its_lock_goes_at_once(lake: Settings) -> None:
    tmp = lake.home / "tmp"
    (tmp / "half-made").mkdir(parents=True)
    (tmp / "full").mkdir()
    (tmp / "full" / "rows").touch()
    with connect(lake, read_only=True):
        assert not (tmp / "half-made").exists()
        assert (tmp / "full" / "rows").exists()


def test_folder_that_is_tidied_away_before_its_lock_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, opened, tries = tmp_path / "spill" / "lock", Path.open, list[Path]()

    def late(path: Path, *arguments: Any, **named: Any) -> Any:
        tries.append(path)
        if len(tries) == 1:
            path.parent.rmdir()
        return opened(path, *arguments, **named)

    monkeypatch.setattr(Path, "open", late)
    with held(lock):
        assert lock.exists()
    assert tries == [lock, lock]


def test_removal_that_is_killed_leaves_the_lock_to_the_next(lake: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = lake.home / "tmp" / "dead"
    with held(folder / LOCK):
        (folder / "rows").touch()
    with monkeypatch.context() as patch:
        patch.setattr("warehouse.spill.shutil.rmtree", lambda _: None)
        remove_dead(lake)
    assert [path.name for path in folder.iterdir()] == [LOCK]
    remove_dead(lake)
    assert not folder.exists()


def test_home_that_is_absent_is_not_made(settings: Settings) -> None:
    with spill_folder(settings) as folder:
        assert not folder.exists()
    assert not settings.home.exists()
