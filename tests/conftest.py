"""What all tests share: quiet dependencies, repeatable properties, migrated warehouses and one Prefect server."""

import gc
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from xdist.scheduler import LoadScopeScheduling

import warehouse.engines
from tests.support.once import copy_prefect, made_once, migrate_home, migrate_prefect
from tests.support.postgres import Cluster, cluster
from warehouse.settings import Settings

# Read when Prefect and Great Expectations are imported, which no import above does: a test has nobody to call.
os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
os.environ["GX_ANALYTICS_ENABLED"] = "false"
# The workers share two cores: more threads each would only stand in each other's way.
for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(name, "1")
# Prefect, TensorFlow and the others are half a million objects that stay: to look through them again and again for what
# can go took five to seven per cent of all.
gc.set_threshold(20_000, 20, 100)
# What the developer's own warehouse is set to is nobody's business here.
for name in [name for name in os.environ if name.startswith("MICROSEG_")]:
    del os.environ[name]

# Machines differ in speed, so no deadline; in CI a red property must be red again when it is run again.
hypothesis.settings.register_profile("local", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.register_profile("quick", deadline=None, max_examples=20)  # `make quick`, between two edits
# A mutant needs to fail, and always the same way, not to be explained: looking for a simpler failure takes minutes.
hypothesis.settings.register_profile(
    "mutant", deadline=None, derandomize=True, phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate]
)
MUTANT = "MUTANT_UNDER_TEST" in os.environ
PROFILE = "mutant" if MUTANT else "ci" if os.environ.get("CI") else "local"
hypothesis.settings.load_profile(PROFILE)


# Folders whose tests share one costly fixture stay with one worker, all other files are dealt out one by one; those of
# the flows too: what they share is made once for all workers, and together they would take longer than all others.
TOGETHER = ("science", "expectations", "report")
# The longest come first, so that no worker sits idle at the end; those that no other waits for beside the first of the
# flows, which makes what all others share.
LONGEST = (
    "flows/test_cli.py",
    "flows/test_random_sequences.py",
    "operation/test_budget.py",
    "flows/test_up.py",
    "flows/",
    "tasks/science/",
    "expectations/",
    "tasks/",
)

# Whoever uses one of these fixtures carries the marker, also where nobody wrote it down.
MARKED_BY_FIXTURE = {
    "settings": "warehouse",
    "migrated_home": "warehouse",
    "postgres_cluster": "postgres",
    "prefect_server": "flow",
    "prefect_home": "flow",
}


# What the harness's server does of its own accord and no test looks at, two thirds of what it takes; `microseg up` and
# the commands have servers of their own, with everything.
SPARED = {
    "PREFECT__SERVER_WEBSERVER_ONLY": "1",  # none of its services: they watch schedules, triggers and what comes late
    "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",
    "PREFECT_UI_ENABLED": "false",
}


class ByFixture(LoadScopeScheduling):  # type: ignore[misc]  # pytest-xdist carries no types
    """Deals out whole files, or whole folders where their tests share what is costly to make."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        folder = Path(file).parent.name
        return folder if folder in TOGETHER else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByFixture:
    """Deal the tests out to the workers of pytest-xdist."""
    return ByFixture(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by the costly fixtures that they use, before any is selected by its marker; begin with the longest."""
    for item in items:
        for fixture in MARKED_BY_FIXTURE.keys() & set(getattr(item, "fixturenames", ())):
            item.add_marker(MARKED_BY_FIXTURE[fixture])

    def place(item: pytest.Item) -> int:
        return next((number for number, part in enumerate(LONGEST) if part in item.nodeid), len(LONGEST))

    if not MUTANT:  # its nearest tests come first
        items.sort(key=place)


@pytest.fixture(scope="session", autouse=True)
def unchecked_extensions() -> Iterator[None]:
    """Spare each connection the 0.4 seconds of hashing the extensions, and each query threads it has no rows for."""
    engine_config = warehouse.engines.engine_config

    def quick(settings: Settings) -> dict[str, Any]:
        config = engine_config(settings)
        return {"threads": 1} | config | {"allow_unsigned_extensions": True}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(warehouse.engines, "engine_config", quick)
        yield


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a warehouse that does not exist yet."""
    return Settings(home=tmp_path / "home")


@pytest.fixture(scope="session")
def migrated_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty warehouse of the newest schema, never written to; the workers of one run of the tests share it."""
    return made_once(tmp_path_factory, "migrated", migrate_home) / "home"


@pytest.fixture
def lake(settings: Settings, migrated_home: Path) -> Settings:
    """Settings of an empty warehouse of the newest schema."""
    shutil.copytree(migrated_home, settings.home)
    return settings


@pytest.fixture(scope="session")
def postgres_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A PostgreSQL server of the session's own; skips where none can be started."""
    with cluster(tmp_path_factory.mktemp("postgres")) as running:
        yield running


@pytest.fixture
def postgres_dsn(postgres_cluster: Cluster) -> str:
    """Connection string (key=value) of an empty database on the session's server, of one test alone."""
    return postgres_cluster.create_database()


@pytest.fixture(scope="session")
def prefect_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a Prefect server that never ran; for copies."""
    return made_once(tmp_path_factory, "prefect", migrate_prefect)


@pytest.fixture(scope="session")
def prefect_server(prefect_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One Prefect server for all tests of a worker that run flows."""
    from prefect.server.api.server import SubprocessASGIServer
    from prefect.testing import utilities

    from tests.support import prefect_server

    with pytest.MonkeyPatch.context() as patch:
        # The folder that the harness makes for its database, and takes away in the end.
        copied = copy_prefect(prefect_home, tmp_path_factory.mktemp("server"), "prefect-test.db")
        patch.setattr(utilities, "mkdtemp", lambda: str(copied))
        with ExitStack() as stack:
            with pytest.MonkeyPatch.context() as starting:
                for name, value in SPARED.items():
                    starting.setenv(name, value)
                starting.setattr(SubprocessASGIServer, "_run_uvicorn_command", prefect_server.start)
                stack.enter_context(utilities.prefect_test_harness(server_startup_timeout=120))
            yield
