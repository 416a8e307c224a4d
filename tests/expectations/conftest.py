from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.expectations.lake import Lake, build
from warehouse.settings import Settings


@pytest.fixture(scope="session")
def lake() -> Iterator[Lake]:
    with TemporaryDirectory() as home:
        yield build(Settings(home=Path(home)))
