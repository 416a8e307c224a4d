"""spend.monthly follows raw.transactions, month by month, and only where something changed."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tasks.spending.aggregate import refresh_monthly
from tasks.spending.periods import Written, refresh_by_period
from tests.tasks.builders import Bank, row, write_csv

pytestmark = pytest.mark.warehouse


def test_only_touched_months_are_summed_again(bank: Bank, tmp_path: Path) -> None:
    bank.ingest(write_csv(tmp_path / "a.csv", [row(n, booked_at=f"2024-0{n}-29") for n in range(1, 7)]))
    steps: list[tuple[int, int]] = []
    assert refresh_monthly(bank.settings, lambda done, total, *_: steps.append((done, total))) == 6
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
    assert refresh_by_period(bank.settings, day, "r2") == Written()
    assert refresh_by_period(bank.settings, date(2024, 3, 4), "r3").rows == 0  # the day before anything was booked
    assert bank.periods() == before
    bank.ingest(write_csv(tmp_path / "b.csv", [row(2, booked_at="2023-03-31")]))
    refresh_monthly(bank.settings)
    assert refresh_by_period(bank.settings, day, "r4").rows == 1  # the annual step of the year before
    assert len(bank.periods()) == 3


def held(bank: Bank) -> set[tuple[int]]:
    return set(bank.query("SELECT DISTINCT period_id FROM spend.periods"))


def test_a_span_of_days_is_written_once_for_all_dates(bank: Bank, tmp_path: Path) -> None:
    days = [f"{year}-{month:02}-15" for year in range(2018, 2024) for month in range(1, 13)]
    bank.ingest(write_csv(tmp_path / "a.csv", [row(n, booked_at=day) for n, day in enumerate(days)]))
    bank.aggregate(date(2023, 12, 31))
    bank.ingest(write_csv(tmp_path / "b.csv", [row(f"jan-{day}", booked_at=f"2024-01-{day}") for day in (1, 2)]))
    refresh_monthly(bank.settings)
    first = refresh_by_period(bank.settings, date(2024, 1, 1), "r")
    assert (first.steps, first.periods) == (12, 12)  # each step begins a month later
    night = refresh_by_period(bank.settings, date(2024, 1, 2), "r")
    assert (night.steps, night.periods) == (12, 2)  # the open steps alone
    before = bank.periods()
    bank.execute("DELETE FROM ops.provenance")
    assert refresh_by_period(bank.settings, date(2024, 1, 2), "r").periods == 0
    assert bank.periods() == before


def test_periods_that_no_date_has_any_more_go(bank: Bank, tmp_path: Path) -> None:
    march, june = date(2024, 3, 31), date(2024, 6, 30)
    bank.ingest(write_csv(tmp_path / "a.csv", [row(1), row(2, booked_at="2023-05-05")]))
    bank.aggregate(march)
    bank.aggregate(june)
    kept = [line for line in bank.periods() if line[0] == march]
    bank.ingest(write_csv(tmp_path / "b.csv", [row(3), row(4, booked_at="2023-05-06")]))
    bank.aggregate(june)
    # What an earlier date was published from stays as it was, until that date is made again.
    assert [line for line in bank.periods() if line[0] == march] == kept
    assert held(bank) > set(bank.query("SELECT DISTINCT period_id FROM spend.steps WHERE as_of = '2024-06-30'")) & held(
        bank
    )
    bank.aggregate(march)
    assert held(bank) <= set(bank.query("SELECT period_id FROM spend.steps"))


def test_rows_without_a_step_are_not_counted_twice(bank: Bank, tmp_path: Path) -> None:
    bank.ingest(write_csv(tmp_path / "a.csv", [row(1)]))
    bank.aggregate()
    before = bank.periods()
    bank.execute("DELETE FROM spend.steps; DELETE FROM ops.provenance")
    bank.aggregate()
    assert bank.periods() == before


@pytest.mark.parametrize("as_of", [date(2024, 1, 2), date(2024, 2, 29)])
def test_one_date_opens_its_own_periods_alone(bank: Bank, tmp_path: Path, as_of: date) -> None:
    days = [f"{year}-{month:02}-15" for year in range(2018, 2025) for month in range(1, 7)]
    bank.ingest(write_csv(tmp_path / "a.csv", [row(n, booked_at=day) for n, day in enumerate(days)]))
    for day in (date(2023, 12, 31), date(2024, 1, 1), date(2024, 1, 2), date(2024, 2, 29)):
        bank.aggregate(day)
    plan = bank.query(f"EXPLAIN ANALYZE SELECT sum(amount) FROM spend.by_period WHERE as_of = '{as_of}'")[0][1]
    opened = [int(count) for count in re.findall(r"Total Files Read: (\d+)", plan)]
    own = set(bank.query(f"SELECT DISTINCT period_id FROM spend.steps WHERE as_of = '{as_of}'"))
    assert max(opened) <= len(held(bank) & own) < len(held(bank))


def test_refunds_that_outweigh_purchases_are_told_of(bank: Bank, tmp_path: Path) -> None:
    rows = [row(1), row(2, source_code="TRIP", amount="-7.50"), row(3, customer_id="bert", amount="-2"), row(4)]
    bank.ingest(write_csv(tmp_path / "a.csv", rows))
    refresh_monthly(bank.settings)
    written = refresh_by_period(bank.settings, date(2024, 3, 31), "r1")
    assert written == Written(12, 12, rows=2, below_zero=4, customers=2, refunded=Decimal("-19.00"))  # both windows
    assert {amount for *_, amount, _ in bank.periods()} == {Decimal("20.00")}
    assert "4 sums of a class in a step are below zero (-19.00)" in written.told(2)
    assert "19" not in written.told(3)  # what few people were refunded is nobody's business
    assert Written(12, 12, 1).told(2) == "rows written"
    assert Written(12, 2, 1).told(2) == "2 of 12 periods written, the others stand"
