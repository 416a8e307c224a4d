"""Nobody but the owner, or the group where it is let in, reads what microseg writes, whatever the umask."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.modes import careless_umask, readable_by_others
from warehouse.connection import connect
from warehouse.migrations import migrate
from warehouse.privacy import private_home
from warehouse.settings import Settings

pytestmark = pytest.mark.warehouse
ROWS = "INSERT INTO raw.stale_months SELECT DATE '2024-02-29', 'load ' || i FROM range(999) AS r (i)"


@pytest.fixture(autouse=True)
def careless() -> Iterator[None]:
    with careless_umask():
        yield


@pytest.fixture
def shared(settings: Settings) -> Settings:
    return settings.model_copy(update={"group_access": "read"})


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def fill(settings: Settings) -> None:
    with connect(settings) as connection:
        migrate(connection)
        connection.execute(ROWS)


def test_what_the_library_writes_is_its_owners(settings: Settings) -> None:
    fill(settings)
    assert list((settings.home / "data").rglob("*.parquet"))
    assert readable_by_others(settings.home) == []
    assert mode(settings.home) == 0o700
    with connect(settings, read_only=True):
        (settings.home / "by hand").touch()
    assert mode(settings.home / "by hand") == 0o600


def test_the_group_may_be_let_in_to_read(shared: Settings) -> None:
    fill(shared)
    assert readable_by_others(shared.home, 0o027) == []
    assert {mode(path) for path in shared.home.rglob("*") if path.is_file()} == {0o640}
    folders = {path: mode(path) for path in (shared.home, *shared.home.rglob("*")) if path.is_dir()}
    assert {path.name for path, bits in folders.items() if bits != 0o2750} <= {"tmp"}
    assert mode(shared.home / "tmp") & 0o777 == 0o700


def test_a_home_of_before_is_closed_by_the_next_run(settings: Settings, tmp_path: Path) -> None:
    open_home(settings.home, tmp_path)
    private_home(settings)
    assert readable_by_others(settings.home) == [str(settings.home / "inbox"), str(settings.home / "inbox" / "new.csv")]
    assert mode(tmp_path / "outside") == 0o644
    assert (settings.home / "tool").stat().st_mode & 0o100


def open_home(home: Path, outside: Path) -> None:
    for folder in ("data/raw", "exports/as_of=2026-01-31", "crashes", "inbox"):
        (home / folder).mkdir(parents=True)
    for file in (
        "catalog.sqlite",
        "catalog.sqlite-wal",
        "data/raw/a.parquet",
        "exports/b.parquet",
        "crashes/c.txt",
        "inbox/new.csv",
    ):
        (home / file).touch()
    (home / "tool").touch(mode=0o700)
    (outside / "outside").touch()
    (home / "exports" / "link").symlink_to(outside / "outside")


def test_a_home_is_opened_to_the_group_and_closed_again(shared: Settings, settings: Settings, tmp_path: Path) -> None:
    open_home(shared.home, tmp_path)
    private_home(shared)
    assert (mode(shared.home), mode(shared.home / "data" / "raw"), mode(shared.home / "catalog.sqlite")) == (
        0o2750,
        0o2750,
        0o640,
    )
    assert (mode(shared.home / "crashes"), mode(shared.home / "crashes" / "c.txt")) == (0o700, 0o600)
    private_home(settings)
    assert (mode(settings.home), mode(settings.home / "data" / "raw" / "a.parquet")) == (0o700, 0o600)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file to any group")
def test_what_was_there_gets_the_group_of_the_home(shared: Settings, tmp_path: Path) -> None:
    open_home(shared.home, tmp_path)
    os.chown(shared.home, -1, 12345)
    private_home(shared)
    fill(shared)
    groups = {path.stat().st_gid for path in (shared.home / "data").rglob("*")}
    assert groups == {12345}
