"""A night on a dead feed leaves what is published as it was; once it delivers, or is taken for ended, it goes on."""

from datetime import date
from pathlib import Path

import pytest

from flows.backfill import backfill
from flows.nightly import nightly
from flows.retrain import retrain
from tasks.publishing.digest import digest
from tests.flows.banks import Bank
from warehouse.errors import GateError
from warehouse.settings import Settings

pytestmark = [pytest.mark.flow, pytest.mark.timeout(600)]
DEAD = date(2026, 1, 20)  # the newest rows are of the end of 2025
PUBLISHED = ("features", "segments", "models")


def test_a_dead_feed_publishes_nothing_whatever_flow_runs(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    tables, exports = bank.checksums(PUBLISHED), exported(bank)
    with pytest.raises(GateError, match="1 of 1 feeds had been silent for more than 3 days"):
        nightly(DEAD)
    with pytest.raises(GateError, match=r"source/\*\.parquet: newest booking 2025-12-31, 20 days"):
        retrain(DEAD)
    assert [window.skipped for window in backfill(DEAD, DEAD, every="day", dry_run=False)] == [
        "beyond the newest row, 2025-12-31"
    ]
    assert bank.checksums(PUBLISHED) == tables
    assert exported(bank) == exports
    monkeypatch.setenv("MICROSEG_MAX_SILENCE_DAYS", "35")
    _, stages = nightly(DEAD)
    assert bank.value("SELECT max(as_of) FROM segments.current") == DEAD
    run = str(bank.value("SELECT run_id FROM ops.runs ORDER BY rowid DESC LIMIT 1"))
    assert "source/*.parquet silent for 20 days" in digest(Settings(), DEAD, run, stages).headline


def exported(bank: Bank) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in bank.root.glob("home/exports/**/*.parquet")}
