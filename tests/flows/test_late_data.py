"""Late rows are brought into the dates that were published without them, and into no other."""

from datetime import date

import duckdb
import pytest

from flows.backfill import backfill
from flows.late_data import late_data
from tests.flows.banks import Bank

pytestmark = [pytest.mark.flow, pytest.mark.timeout(600), pytest.mark.usefixtures("without_gates")]
JUNE, OCTOBER = date(2025, 6, 30), date(2025, 10, 31)
LATE = "hash(transaction_id) % 40 = 0 AND booked_at >= DATE '2025-08-01' AND booked_at < DATE '2025-10-01'"


def test_late_rows_reach_the_published_date_they_belong_to(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    backfill(JUNE, JUNE, dry_run=False)
    before = {day: bank.dated([day]) for day in (JUNE, OCTOBER)}
    late = deliver_late_rows(bank, monkeypatch)
    windows = late_data(lookback_days=3000)
    assert {window.as_of: window.late for window in windows} == {JUNE: 0, OCTOBER: late}
    assert bank.dated([OCTOBER]) != before[OCTOBER]
    assert bank.dated([JUNE]) == before[JUNE]
    assert bank.value("SELECT max(as_of) FROM segments.current") == OCTOBER
    current = bank.checksums()
    assert all(window.current for window in late_data(lookback_days=3000))
    assert bank.checksums() == current


def deliver_late_rows(bank: Bank, patch: pytest.MonkeyPatch) -> int:
    file = bank.root / "late.parquet"
    patch.setenv("MICROSEG_SOURCE", f"{bank.origin}/source/*.parquet;{file}")
    new = "SELECT * REPLACE ('late-' || transaction_id AS transaction_id)"
    with duckdb.connect() as connection:
        written = connection.execute(
            f"COPY ({new} FROM '{bank.origin}/source/*.parquet' WHERE {LATE}) TO '{file}'"
        ).fetchone()
    assert written
    return int(written[0])
