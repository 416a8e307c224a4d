"""Warehouses with a small reference set: made once, copied for each test."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import warehouse.connection
from tests.tasks.builders import Bank, copy_bank, new_bank, write_reference
from warehouse.references import ReferenceSet
from warehouse.settings import Settings


@pytest.fixture(scope="session", autouse=True)
def unchecked_extensions() -> Iterator[None]:
    """Spare each connection the 0.4 seconds of hashing the extensions for their signatures."""
    engine_config = warehouse.connection.engine_config

    def quick(settings: Settings) -> dict[str, Any]:
        return engine_config(settings) | {"allow_unsigned_extensions": True}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(warehouse.connection, "engine_config", quick)
        yield


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> ReferenceSet:
    return write_reference(tmp_path_factory.mktemp("reference"))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, reference: ReferenceSet) -> Bank:
    return new_bank(tmp_path_factory.mktemp("template") / "home", reference)


@pytest.fixture
def bank(tmp_path: Path, template: Bank) -> Bank:
    return copy_bank(template, tmp_path / "home")
