"""The nightly flow from end to end on a small simulated bank."""

from datetime import date

import pytest

from flows.nightly import nightly
from tests.flows.banks import Bank

pytestmark = pytest.mark.flow
NIGHT = date(2025, 10, 31)


def test_a_night_publishes(bank: Bank) -> None:
    known = bank.value("SELECT count(*) FROM raw.customers WHERE first_seen <= DATE '2025-10-31'")
    assert bank.value("SELECT count(*) FROM segments.current") == known
    assert bank.rows("SELECT status, flow FROM ops.runs") == [("succeeded", "nightly")]
    assert (bank.root / "home" / "latest" / "segments.parquet").is_file()


def test_the_same_night_again_changes_nothing(bank: Bank) -> None:
    before = bank.checksums()
    _, stages = nightly(NIGHT)
    assert bank.checksums() == before
    assert {stage.note for stage in stages if stage.stage in {"trace", "segment"}} == {"unchanged since its release"}
