import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.expectations.lake import Lake, build
from warehouse.settings import Settings


@pytest.fixture(scope="session")
def lake(migrated_home: Path) -> Iterator[Lake]:
    with TemporaryDirectory() as folder:
        yield build(Settings(home=Path(shutil.copytree(migrated_home, Path(folder) / "home"))))
