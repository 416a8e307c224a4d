"""The nightly flow from end to end on a small simulated bank."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from flows.nightly import nightly
from tasks.operation.status import read_status
from tests.flows.banks import Bank
from tests.flows.progress_bars import newest_bars
from warehouse.settings import Settings

pytestmark = pytest.mark.flow
NIGHT = date(2025, 10, 31)
BARS = ("ingest", "aggregate-months", "aggregate-periods", "trace")


def test_a_night_publishes(bank: Bank) -> None:
    known = bank.value("SELECT count(*) FROM raw.customers WHERE first_seen <= DATE '2025-10-31'")
    assert bank.value("SELECT count(*) FROM segments.current") == known
    assert bank.rows("SELECT status, flow FROM ops.runs") == [("succeeded", "nightly")]
    assert (bank.root / "home" / "latest" / "segments.parquet").is_file()


def test_a_held_source_changes_nothing_that_is_published(
    bank: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = bank.checksums(("spend", "features", "segments"))
    good = next((bank.origin / "source").glob("*.parquet"))
    bad = tmp_path / "bad.parquet"
    with duckdb.connect() as connection:
        columns = "SELECT * REPLACE (transaction_id || '-bad' AS transaction_id, 'nobody' AS customer_id, 0 AS amount)"
        connection.execute(f"COPY ({columns} FROM '{good}') TO '{bad}' (FORMAT parquet)")
    monkeypatch.setenv("MICROSEG_SOURCE", f"{bank.environment['MICROSEG_SOURCE']};{bad}")
    _, stages = nightly(NIGHT)
    notes = {stage.stage: stage.note for stage in stages}
    assert "1 held back" in notes["ingest"]
    assert notes["reject gate"].startswith("1 load held back: ")
    assert "x zero_amount (column amount, first: " in notes["reject gate"]
    assert bank.checksums(("spend", "features", "segments")) == before
    assert bank.value("SELECT count(*) FROM raw.customers WHERE customer_id = 'nobody'") == 0
    status = read_status(Settings())
    assert "1 held loads" in status.headline


def test_the_same_night_again_changes_nothing(bank: Bank) -> None:
    before = bank.checksums()
    _, stages = nightly(NIGHT)
    assert bank.checksums() == before
    bars = newest_bars()  # nothing was to be done, and all of it is
    assert {key: bars.get(key) for key in BARS} == dict.fromkeys(BARS, 100.0)
    assert {stage.note for stage in stages if stage.stage in {"trace", "segment"}} == {"unchanged since its release"}
