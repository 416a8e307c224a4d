"""One small bank that went through one night; tests write to copies of it."""

from datetime import date
from pathlib import Path

import pytest

from tests.flows.banks import Bank, copy_bank, first_night, new_bank


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, prefect_server: None) -> Bank:
    """A bank whose champion was trained in its only night."""
    bank = new_bank(tmp_path_factory.mktemp("template"))
    with pytest.MonkeyPatch.context() as patch:
        bank.enter(patch)
        first_night(date(2025, 10, 31))
    return bank


@pytest.fixture
def bank(template: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bank:
    """A copy that a test may write to; its settings are in the environment."""
    copied = copy_bank(template, tmp_path / "bank")
    copied.enter(monkeypatch)
    return copied
