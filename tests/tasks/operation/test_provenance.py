"""A date depends on the months that its windows cover, up to its own day, and on nothing newer."""

from datetime import date
from pathlib import Path

import pytest

from tasks.intake.withdraw import withdraw
from tasks.operation.provenance import date_versions, moved, period_versions
from tasks.operation.windows import preview
from tasks.spending.aggregate import refresh_monthly
from tasks.spending.periods import refresh_by_period
from tests.tasks.builders import Bank, copy_bank, row, write_csv
from warehouse.connection import connect

pytestmark = pytest.mark.warehouse
MAY, JUNE_10, JUNE = date(2024, 5, 31), date(2024, 6, 10), date(2024, 6, 30)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = [row(n, booked_at=f"2024-0{month}-05") for n, month in enumerate((3, 4, 5, 6))]
    return write_csv(tmp_path_factory.mktemp("sources") / "first.csv", rows)


@pytest.fixture(scope="module")
def summed(template: Bank, first: Path, tmp_path_factory: pytest.TempPathFactory) -> Bank:
    bank = copy_bank(template, tmp_path_factory.mktemp("summed") / "home")
    bank.ingest(first)
    refresh_monthly(bank.settings)
    return bank


@pytest.fixture
def bank(summed: Bank, tmp_path: Path) -> Bank:
    return copy_bank(summed, tmp_path / "home")


def versions(bank: Bank, as_of: date) -> dict[str, str]:
    with connect(bank.settings, read_only=True) as connection:
        return dict(period_versions(connection, as_of))


def deliver(bank: Bank, folder: Path, name: str, **fields: object) -> None:
    bank.ingest(write_csv(folder / name, [row(name, **fields)]))
    refresh_monthly(bank.settings)


def test_rows_booked_after_a_date_leave_it_current(bank: Bank, tmp_path: Path) -> None:
    before = {day: versions(bank, day) for day in (MAY, JUNE_10, JUNE)}
    deliver(bank, tmp_path, "late.csv", booked_at="2024-06-20")
    after = {day: versions(bank, day) for day in (MAY, JUNE_10, JUNE)}
    assert after[MAY] == before[MAY]
    assert after[JUNE_10] == before[JUNE_10]
    assert moved(before[JUNE], after[JUNE]) == "spending of 2024-06"


def test_a_late_row_moves_the_dates_whose_windows_hold_its_month(bank: Bank, tmp_path: Path) -> None:
    before = {day: versions(bank, day) for day in (MAY, JUNE)}
    deliver(bank, tmp_path, "late.csv", booked_at="2024-04-20")
    assert {day: moved(before[day], versions(bank, day)) for day in (MAY, JUNE)} == {
        MAY: "spending of 2024-04",
        JUNE: "spending of 2024-04",
    }


def test_equal_sums_are_one_version_whatever_they_were_loaded_from(bank: Bank, first: Path) -> None:
    before = versions(bank, JUNE)
    first.write_text(first.read_text() + "\n")  # another file, the same rows
    bank.ingest(first)
    assert refresh_monthly(bank.settings) > 0
    assert versions(bank, JUNE) == before


def test_the_last_day_of_a_month_has_the_version_of_the_month(bank: Bank) -> None:
    assert versions(bank, MAY)["2024-05"] == versions(bank, JUNE)["2024-05"]


def test_periods_are_written_once_and_again_when_their_months_move(bank: Bank, tmp_path: Path) -> None:
    assert refresh_by_period(bank.settings, JUNE, "run").rows > 0
    assert refresh_by_period(bank.settings, JUNE, "again").rows == 0
    deliver(bank, tmp_path, "late.csv", booked_at="2024-06-30")
    assert refresh_by_period(bank.settings, JUNE, "late").rows > 0


def test_code_that_changed_sums_every_month_again(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    assert refresh_monthly(bank.settings) == 0
    monkeypatch.setattr("tasks.spending.aggregate.code_version", lambda *_: "corrected")
    assert refresh_monthly(bank.settings) == 4
    assert refresh_monthly(bank.settings) == 0


def test_a_preview_names_what_moved(bank: Bank, tmp_path: Path) -> None:
    (window,) = preview(bank.settings, [JUNE])
    assert (window.published, window.current) == (False, False)
    bank.ingest(write_csv(tmp_path / "waiting.csv", [row("w", booked_at="2024-06-01")]))  # not summed yet
    (window,) = preview(bank.settings, [JUNE])
    assert "spending of 2024-03" in window.moved


def test_a_withdrawn_customer_makes_the_date_stale_though_no_sum_moved(bank: Bank, tmp_path: Path) -> None:
    def known() -> str:
        with connect(bank.settings, read_only=True) as connection:
            return date_versions(connection, bank.settings, JUNE, {}, "")["customers"]

    before = known()
    deliver(bank, tmp_path, "salary.csv", customer_id="berta", source_code="PAY", booked_at="2024-05-01")
    assert known() != before
    (load_id,) = next(iter(bank.query("SELECT load_id FROM raw.loads WHERE source LIKE '%salary.csv'")))
    withdraw(bank.settings, bank.reference.source, load_id, "test", "somebody")
    assert known() == before
