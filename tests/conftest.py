"""What all tests share: quiet dependencies, repeatable properties, migrated warehouses and one Prefect server."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

import warehouse.connection
from tests.support.postgres import Cluster, cluster
from warehouse.connection import connect
from warehouse.migrations import migrate
from warehouse.settings import Settings

# Read when Prefect and Great Expectations are imported, which no import above does: a test has nobody to call.
os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
os.environ["GX_ANALYTICS_ENABLED"] = "false"
# What the developer's own warehouse is set to is nobody's business here.
for name in [name for name in os.environ if name.startswith("MICROSEG_")]:
    del os.environ[name]

# Machines differ in speed, so no deadline; in CI a red property must be red again when it is run again.
hypothesis.settings.register_profile("local", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.fixture(scope="session", autouse=True)
def unchecked_extensions() -> Iterator[None]:
    """Spare each connection the 0.4 seconds of hashing the extensions for their signatures."""
    engine_config = warehouse.connection.engine_config

    def quick(settings: Settings) -> dict[str, Any]:
        return engine_config(settings) | {"allow_unsigned_extensions": True}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(warehouse.connection, "engine_config", quick)
        yield


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a warehouse that does not exist yet."""
    return Settings(home=tmp_path / "home")


@pytest.fixture(scope="session")
def migrated_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty warehouse of the newest schema, never written to."""
    home = tmp_path_factory.mktemp("migrated") / "home"
    with connect(Settings(home=home)) as connection:
        migrate(connection)
    return home


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


@pytest.fixture(scope="session")
def postgres_dsn(postgres_cluster: Cluster) -> str:
    """Connection string (key=value) of an empty database on the session's server."""
    return postgres_cluster.create_database()


@pytest.fixture(scope="session")
def prefect_server() -> Iterator[None]:
    """One Prefect server on an empty database for all tests that run flows."""
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
        yield
