"""What is costly is made by the first worker of a test run that asks for it; the others wait and share it."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from warehouse.connection import connect
from warehouse.migrations import migrate
from warehouse.settings import Settings

DATABASE = "prefect.db"


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Return a folder that `make` has filled, once for all workers."""
    shared = "PYTEST_XDIST_WORKER" in os.environ
    folder = factory.getbasetemp().parent / name if shared else factory.mktemp(name)
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "made").exists():
            make(folder)
            (folder / "made").touch()
    return folder


def migrate_home(folder: Path) -> None:
    """Make an empty warehouse of the newest schema, which takes more than a second, below a folder."""
    with connect(Settings(home=folder / "home")) as connection:
        migrate(connection)


def migrate_prefect(home: Path) -> None:
    """Bring an empty database of Prefect's server to its newest schema, which takes longer than all else it starts."""
    command = [sys.executable, "-m", "prefect", "server", "database", "upgrade", "-y"]
    subprocess.run(command, env=os.environ | {"PREFECT_HOME": str(home)}, capture_output=True, check=True)


def copy_prefect(migrated: Path, home: Path, name: str = DATABASE) -> Path:
    """Give a server that is still to start its own copy of the migrated database; return the folder."""
    home.mkdir(parents=True, exist_ok=True)
    shutil.copy(migrated / DATABASE, home / name)
    home.chmod(0o700)  # as its server would have made both
    (home / name).chmod(0o600)
    return home
