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


def forget_traces(bank: Bank) -> None:
    """As if no date had been traced: whatever dates share has to be computed."""
    with connect(bank.settings) as connection:
        for table in ("features.traced", *(table for tables in BY_ID.values() for table in tables)):
            connection.execute(f"DELETE FROM {table}")


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


def checksums(bank: Bank) -> dict[str, tuple[int, int]]:
    with connect(bank.settings) as connection:
        return table_checksums(connection, LAYERS, NOT_CONTENT | {"changed_at"})


@pytest.mark.parametrize("size", [50, 64])
def test_units_in_any_order_give_the_features_of_one_process(
    bank: Bank, tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buckets, "BUCKET", size)
    forget_traces(bank)
    shutil.copytree(bank.settings.home, tmp_path / "one process")
    in_one = replace(bank, settings=bank.settings.model_copy(update={"home": tmp_path / "one process"}))
    done = trace(bank, shuffled_crew(bank.settings, size))
    assert done == trace(in_one)
    assert done is not None
    assert done.written == 24
    assert checksums(bank) == checksums(in_one)
    assert checksums(bank)["traces.reasons"][0] > 1000
