"""spend.monthly follows raw.transactions, month by month, and only where something changed."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tasks.spending.aggregate import Periods, refresh_by_period, refresh_monthly
from tests.tasks.builders import Bank, row, write_csv

pytestmark = pytest.mark.warehouse


def test_only_touched_months_are_summed_again(bank: Bank, tmp_path: Path) -> None:
    bank.ingest(write_csv(tmp_path / "a.csv", [row(n, booked_at=f"2024-0{n}-29") for n in range(1, 7)]))
    steps: list[tuple[int, int]] = []
    assert refresh_monthly(bank.settings, lambda *step: steps.append(step)) == 6
    assert steps == [(0, 6), (1, 6)]  # the first tells how large months are: these are small enough to go together
    assert refresh_monthly(bank.settings) == 0
    late = [row(7, booked_at="2024-02-01", amount="-4"), row(8, booked_at="2024-02-29", source_code="PAY")]
    bank.ingest(write_csv(tmp_path / "b.csv", late))
    assert bank.query("SELECT DISTINCT month FROM raw.stale_months") == [(date(2024, 2, 1),)]
    assert refresh_monthly(bank.settings) == 1
    sums = {month: (str(amount), count) for _, month, _, amount, count in bank.monthly()}
    assert sums[date(2024, 2, 1)] == ("6.00", 2)
    assert {value for month, value in sums.items() if month != date(2024, 2, 1)} == {("10.00", 1)}


def test_periods_are_written_once_for_the_same_inputs(bank: Bank, tmp_path: Path) -> None:
    bank.ingest(write_csv(tmp_path / "a.csv", [row(1)]))
    refresh_monthly(bank.settings)
    day = date(2024, 3, 31)
    assert refresh_by_period(bank.settings, day, "r1").rows == 2
    before = bank.periods()
    assert refresh_by_period(bank.settings, day, "r2").rows == 0
    assert refresh_by_period(bank.settings, date(2024, 3, 4), "r3").rows == 0  # the day before anything was booked
    assert bank.periods() == before
    bank.ingest(write_csv(tmp_path / "b.csv", [row(2, booked_at="2023-03-31")]))
    refresh_monthly(bank.settings)
    assert refresh_by_period(bank.settings, day, "r4").rows == 3


def test_refunds_that_outweigh_purchases_are_told_of(bank: Bank, tmp_path: Path) -> None:
    rows = [row(1), row(2, source_code="TRIP", amount="-7.50"), row(3, customer_id="bert", amount="-2"), row(4)]
    bank.ingest(write_csv(tmp_path / "a.csv", rows))
    refresh_monthly(bank.settings)
    written = refresh_by_period(bank.settings, date(2024, 3, 31), "r1")
    assert written == Periods(rows=2, below_zero=4, customers=2, refunded=Decimal("-19.00"))  # both windows
    assert {amount for *_, amount, _ in bank.periods()} == {Decimal("20.00")}
    assert "4 sums of a class in a step are below zero (-19.00)" in written.told(2)
    assert "19" not in written.told(3)  # what few people were refunded is nobody's business
    assert Periods(1).told(2) == "rows written"
