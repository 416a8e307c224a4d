"""What one event leaves for the next: rows that a gate holds back, and dates that must not get stuck behind them."""

from datetime import date

import duckdb
import pytest

from flows.backfill import backfill
from flows.cli import main
from flows.nightly import nightly
from flows.retrain import retrain
from tests.flows.banks import Bank
from warehouse.errors import MicrosegError

pytestmark = [pytest.mark.flow, pytest.mark.timeout(900), pytest.mark.usefixtures("short_retraining", "without_gates")]
SEPTEMBER, OCTOBER, NOVEMBER = date(2025, 9, 30), date(2025, 10, 31), date(2025, 11, 30)
SPENT = ("raw.transactions", "raw.customers", "spend.monthly", "spend.by_period")
RANGE = ["backfill", str(SEPTEMBER), str(SEPTEMBER), "--for-real"]


@pytest.fixture
def extra(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second source: rows of August once more, of which one in ten has no amount."""
    file = bank.root / "extra.parquet"
    monkeypatch.setenv("MICROSEG_SOURCE", f"{bank.origin}/source/*.parquet;{file}")
    amount = "CASE WHEN hash(transaction_id) % 10 = 0 THEN 'none' ELSE amount::VARCHAR END AS amount"
    rows = f"SELECT * REPLACE ('again-' || transaction_id AS transaction_id, {amount})"
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({rows} FROM '{bank.origin}/source/*2025-08*.parquet') TO '{file}'")


def spent(bank: Bank) -> dict[str, object]:
    tables = bank.checksums(("raw", "spend"))
    return {name: tables[name] for name in SPENT}


@pytest.mark.usefixtures("extra")
def test_what_the_reject_gate_holds_back_is_in_no_table_that_a_model_reads(bank: Bank) -> None:
    before = spent(bank)
    nightly(OCTOBER)
    assert bank.value("SELECT count(*) FROM raw.loads WHERE status = 'held'") == 1
    assert spent(bank) == before
    retrain(OCTOBER, promote="never")
    assert spent(bank) == before
    assert retrain(OCTOBER, promote="force").promoted
    assert spent(bank) == before
    assert main(["rollback"]) == 0
    assert spent(bank) == before


@pytest.mark.usefixtures("extra")
def test_no_date_gets_stuck_behind_a_night_that_a_gate_stopped(
    bank: Bank, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    nightly(NOVEMBER)  # holds the extra file back
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.backfill.validate_spending", closed)
        assert main(RANGE) == 1
    monkeypatch.setenv("MICROSEG_MAX_REJECT_RATE", "0.2")
    nightly(NOVEMBER)  # lets it in
    assert bank.value("SELECT count(*) FROM raw.loads WHERE status = 'held'") == 0
    assert main([*RANGE, "--which", "failed"]) == 0
    assert main(RANGE) == 0
    backfill(SEPTEMBER, NOVEMBER, dry_run=False)
    found = bank.rows("SELECT as_of, status FROM ops.backfill ORDER BY finished_at")
    assert found[-3:] == [(day, "succeeded") for day in (NOVEMBER, OCTOBER, SEPTEMBER)]  # newest first
    capsys.readouterr()
    main(["status"])
    assert "failed windows" not in capsys.readouterr().out


def closed(*_: object) -> None:
    raise MicrosegError("a gate is closed")


@pytest.mark.usefixtures("extra")
def test_a_night_and_a_backfill_at_once_leave_no_date_behind(bank: Bank) -> None:
    from concurrent.futures import ThreadPoolExecutor
    from contextvars import copy_context

    with ThreadPoolExecutor(2) as pool:
        night = pool.submit(copy_context().run, nightly, NOVEMBER)
        past = pool.submit(copy_context().run, lambda: backfill(SEPTEMBER, SEPTEMBER, dry_run=False))
        for done in (night, past):
            done.result()
    backfill(SEPTEMBER, NOVEMBER, dry_run=False)
    assert all(window.current for window in backfill(SEPTEMBER, NOVEMBER))
