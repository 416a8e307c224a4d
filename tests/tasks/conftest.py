"""Warehouses with a small reference set: made once, copied for each test."""

from pathlib import Path

import pytest

from tests.tasks.builders import Bank, copy_bank, new_bank, write_reference
from warehouse.reference.sets import ReferenceSet


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> ReferenceSet:
    return write_reference(tmp_path_factory.mktemp("reference"))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, reference: ReferenceSet, migrated_home: Path) -> Bank:
    return new_bank(tmp_path_factory.mktemp("template") / "home", reference, migrated=migrated_home)


@pytest.fixture
def bank(tmp_path: Path, template: Bank) -> Bank:
    return copy_bank(template, tmp_path / "home")
