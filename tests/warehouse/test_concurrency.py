"""Readers are never blocked and never see a half-made state, and a killed writer leaves nothing: real processes."""

import shutil
from pathlib import Path
from random import uniform
from time import sleep

import pytest

from tests.support.processes import workers
from tests.support.workers import COMMITS, is_whole, state, write
from warehouse.connection import connect, in_transaction
from warehouse.migrations import migrate
from warehouse.settings import Settings

pytestmark = pytest.mark.warehouse


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, migrated_home: Path) -> Settings:
    """A warehouse on each kind of catalog."""
    settings = Settings(home=tmp_path_factory.mktemp("shared") / "home")
    if request.param == "sqlite":
        shutil.copytree(migrated_home, settings.home)
    else:
        database = request.getfixturevalue("postgres_cluster").create_database()
        settings = settings.model_copy(update={"catalog": f"postgres:{database}"})
        with connect(settings) as connection:
            migrate(connection)
    return settings


@pytest.fixture
def shared(made: Settings) -> Settings:
    """A warehouse that many use, after commit number 1."""
    commit(made, 1)
    return made


def commit(settings: Settings, number: int) -> None:
    with connect(settings) as connection:
        in_transaction(connection, lambda: write(connection, number))


def last_commit(settings: Settings) -> int:
    with connect(settings, read_only=True) as connection:
        found = state(connection)
    assert is_whole(found), found
    return int(found[-1])


def test_readers_and_a_writer_at_once(shared: Settings) -> None:
    with workers(shared, "commit", "hold", "hammer", "hammer") as (writer, holder, *hammers):
        assert writer.end().split() == [*map(str, range(2, COMMITS + 2)), "done"]
        holder.tell()
        assert holder.end() == f"1 1 {COMMITS + 1}"
        for each in hammers:
            reads, torn = map(int, each.end().split())
            assert reads > 1
            assert torn == 0
    assert last_commit(shared) == COMMITS + 1


def test_writer_killed_in_its_transaction_leaves_nothing(shared: Settings) -> None:
    with workers(shared, "hang") as [writer]:
        assert writer.line() == "written"
        writer.kill()
    assert last_commit(shared) == 1
    commit(shared, 2)
    assert last_commit(shared) == 2


def test_writer_killed_at_any_moment_leaves_a_whole_state(shared: Settings) -> None:
    with workers(shared, "commit") as [writer]:
        assert writer.line() == "2"
        sleep(uniform(0, 0.3))  # noqa: S311 - about as long as a commit takes
        writer.kill()
    assert 2 <= last_commit(shared) <= COMMITS + 1
    commit(shared, 99)
    assert last_commit(shared) == 99
