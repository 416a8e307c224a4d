"""Traces by units: the same features to the last bit, in whatever order they are computed, some of them twice."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tasks.operation.held_traces import BY_ID
from tasks.science.features import Traced, build_features
from tasks.science.trace_units import TABLES
from tasks.units import buckets
from tasks.units.unit import Crew, in_transaction_by_units
from tests.support.checksums import NOT_CONTENT, table_checksums
from tests.support.crews import shuffled_crew
from tests.tasks.science.conftest import EARLIER, Bank
from warehouse.connection import connect

pytestmark = pytest.mark.warehouse
LAYERS = ("candidates", "traces")
Checksums = dict[str, tuple[int, int]]


def copied(bank: Bank, home: Path) -> Bank:
    shutil.copytree(bank.settings.home, home)
    return replace(bank, settings=bank.settings.model_copy(update={"home": home}))


def forgetful(original: Bank, home: Path) -> Bank:
    """A copy as if no date had been traced: whatever dates share has to be computed."""
    bank = copied(original, home)
    with connect(bank.settings) as connection:
        for table in ("features.traced", *(table for tables in BY_ID.values() for table in tables)):
            connection.execute(f"DELETE FROM {table}")
    return bank


def trace(bank: Bank, crew: Crew | None = None) -> Traced | None:
    with connect(bank.settings) as connection:
        return in_transaction_by_units(
            connection,
            lambda ask: build_features(connection, bank.settings, bank.model, EARLIER, "run", ask=ask),
            crew,
            TABLES,
            3,
            lambda *_: None,
        )


def checksums(bank: Bank) -> Checksums:
    with connect(bank.settings) as connection:
        return table_checksums(connection, LAYERS, NOT_CONTENT | {"changed_at"})


@pytest.fixture(scope="module")
def untraced(bank_home: Bank, tmp_path_factory: pytest.TempPathFactory) -> Bank:
    """A bank of which no date has been traced."""
    return forgetful(bank_home, tmp_path_factory.mktemp("untraced") / "home")


@pytest.fixture(scope="module")
def in_one(untraced: Bank, tmp_path_factory: pytest.TempPathFactory) -> tuple[Traced | None, Checksums]:
    """What one process tells of its traces, and makes."""
    bank = copied(untraced, tmp_path_factory.mktemp("one process") / "home")
    return trace(bank), checksums(bank)


@pytest.mark.parametrize("size", [50, 64])
def test_units_in_any_order_give_the_features_of_one_process(
    untraced: Bank,
    in_one: tuple[Traced | None, Checksums],
    tmp_path: Path,
    size: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(buckets, "BUCKET", size)
    bank = copied(untraced, tmp_path / "home")
    done = trace(bank, shuffled_crew(bank.settings, size))
    assert done is not None
    assert done.written == 24
    made = checksums(bank)
    assert (done, made) == in_one
    assert made["traces.reasons"][0] > 1000
