"""A data file that is missing, cut short or has a flipped bit is named, with what restores it."""

from datetime import date
from pathlib import Path

import pytest

from tasks.operation.journal import Journal
from tasks.operation.seal import seal
from tasks.operation.status import read_status
from tasks.operation.verify import BACKUP, REPAIR, check_files, check_stale_months, read_report
from tasks.stages.spending import aggregate_months
from tests.support.damage import cut, flip
from tests.tasks.builders import TODAY, Bank, copy_bank, row, write_csv
from warehouse.connection import connect
from warehouse.errors import DamageError
from warehouse.stored import DataFile, address, live_files

pytestmark = pytest.mark.warehouse
MONTHS = [f"2024-{month:02}-05" for month in (1, 2, 3)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, template: Bank) -> Bank:
    """Three months with a file each, sums and periods, sealed."""
    root = tmp_path_factory.mktemp("made")
    bank = copy_bank(template, root / "home")
    rows = [row(f"{day}-{n}", booked_at=day, customer_id=f"c{n}") for day in MONTHS for n in range(12)]
    bank.ingest(write_csv(root / "rows.csv", rows))
    bank.aggregate()
    seal(bank.settings)
    return bank


@pytest.fixture
def filled(made: Bank, tmp_path: Path) -> Bank:
    return copy_bank(made, tmp_path / "home")


def files(bank: Bank, table: str = "") -> list[DataFile]:
    with connect(bank.settings, read_only=True) as connection:
        return [file for file in live_files(connection) if file.table.startswith(table)]


def place(bank: Bank, file: DataFile) -> Path:
    return Path(address(bank.settings, file.path))


def test_undamaged_files_are_told_in_one_line(filled: Bank) -> None:
    report = read_report(filled.settings)
    assert {file.table for file in files(filled)} >= {"raw.transactions", "raw.customers", "spend.monthly"}
    assert report.problems == ()
    assert report.compared == report.files == len(files(filled))
    assert report.line == f"{report.files} files, {report.size:,} bytes: all as written"


def test_dates_of_a_file_are_those_of_its_rows(filled: Bank) -> None:
    spans = [(file.first, file.last) for file in files(filled, "raw.transactions")]
    assert sorted(spans) == [(date.fromisoformat(day), date.fromisoformat(day)) for day in MONTHS]
    assert {file.first for file in files(filled, "spend.steps")} == {TODAY}
    periods = set(filled.query("SELECT DISTINCT period_id FROM spend.periods"))
    assert {(file.first_id,) for file in files(filled, "spend.periods")} == periods
    assert {(file.last_id,) for file in files(filled, "spend.periods")} == periods


@pytest.mark.parametrize("seed", range(3))
def test_one_flipped_bit_in_any_file_is_named(filled: Bank, seed: int) -> None:
    for number, file in enumerate(files(filled)):
        flip(place(filled, file), 100 * seed + number)
    damaged = read_report(filled.settings).problems
    assert {problem.file.path for problem in damaged} == {file.path for file in files(filled)}
    assert {problem.what for problem in damaged} == {"has other content than was written"}


def test_the_size_alone_shows_what_is_missing_or_cut(filled: Bank) -> None:
    gone, short = files(filled, "spend.monthly")[0], files(filled, "raw.transactions")[1]
    place(filled, gone).unlink()
    cut(place(filled, short))
    raw, derived = read_report(filled.settings, quick=True).problems
    assert (raw.file, raw.remedy) == (short, BACKUP)
    assert raw.what == f"has {short.size // 2:,} of its {short.size:,} bytes"
    assert (derived.file, derived.what, derived.remedy) == (gone, "is missing", REPAIR)


def test_a_folder_in_place_of_a_file_is_no_file(filled: Bank) -> None:
    gone = files(filled, "spend.monthly")[0]
    place(filled, gone).unlink()
    place(filled, gone).mkdir()
    assert [problem.what for problem in read_report(filled.settings).problems] == ["is missing"]


def test_a_run_is_stopped_in_one_line(filled: Bank) -> None:
    check_files(filled.settings)
    gone = files(filled, "spend.monthly")[0]
    place(filled, gone).unlink()
    with pytest.raises(DamageError) as stopped:
        check_files(filled.settings)
    assert str(stopped.value) == f"damaged: spend.monthly, file {gone.path} is missing; microseg verify --repair"
    for file in files(filled, "raw.transactions"):
        cut(place(filled, file))
    with pytest.raises(DamageError, match=r"^damaged: raw\.transactions, file .*; restore .* backup; so are 3 more"):
        check_files(filled.settings)


@pytest.mark.parametrize("table", ["spend.steps", "spend.periods"])
def test_a_night_does_not_read_dates_of_long_ago(filled: Bank, table: str) -> None:
    old = files(filled, table)[0]
    flip(place(filled, old), 1)
    check_files(filled.settings, date(2024, 9, 30))
    with pytest.raises(DamageError, match="other content"):
        check_files(filled.settings, date(2024, 7, 31))
    with pytest.raises(DamageError, match="other content"):
        check_files(filled.settings)
    place(filled, old).unlink()
    with pytest.raises(DamageError, match="is missing"):
        check_files(filled.settings, date(2024, 9, 30))


@pytest.mark.parametrize("table", ["raw.transactions", "spend.monthly"])
def test_a_night_does_not_read_months_before_its_windows(filled: Bank, table: str) -> None:
    january = min(files(filled, table), key=lambda file: str(file.first))
    flip(place(filled, january), 1)
    check_files(filled.settings, date(2025, 6, 30))
    with pytest.raises(DamageError, match="other content"):
        check_files(filled.settings, date(2025, 3, 10))  # what it read a month before is among it
    with pytest.raises(DamageError, match="other content"):
        check_files(filled.settings)


def test_a_month_is_not_summed_again_from_a_damaged_file(filled: Bank) -> None:
    january, *_ = sorted(files(filled, "raw.transactions"), key=lambda file: str(file.first))
    flip(place(filled, january), 1)
    assert check_stale_months(filled.settings).compared == 0
    filled.execute("INSERT INTO raw.stale_months VALUES ('2024-02-01', 'late')")
    assert check_stale_months(filled.settings).compared == 1
    filled.execute("INSERT INTO raw.stale_months VALUES ('2024-01-01', 'late')")
    with pytest.raises(DamageError, match=f"^damaged: raw.transactions, file {january.path} has other content"):
        aggregate_months.fn(filled.settings)


def test_files_written_since_are_sealed_and_those_gone_forgotten(filled: Bank, tmp_path: Path) -> None:
    before = set(files(filled))
    filled.ingest(write_csv(tmp_path / "more.csv", [row(f"more{n}", customer_id=f"d{n}") for n in range(12)]))
    filled.aggregate()
    told = read_report(filled.settings)
    assert told.compared < told.files
    assert "of the others the size alone" in told.line
    arrived = set(files(filled)) - before
    assert seal(filled.settings) == len(arrived) > 0
    assert seal(filled.settings) == 0
    assert set(filled.query("SELECT path FROM ops.files")) == {(file.path,) for file in files(filled)}


def test_the_manifest_lies_in_the_catalog(filled: Bank) -> None:
    assert len(filled.query("FROM ops.files")) > 10  # DuckLake would write a file of more than ten rows
    assert files(filled, "ops.files") == []


def test_a_run_ends_with_the_seal(filled: Bank, tmp_path: Path) -> None:
    with Journal(filled.settings, "nightly", TODAY):
        filled.ingest(write_csv(tmp_path / "more.csv", [row(f"more{n}", customer_id=f"d{n}") for n in range(12)]))
    report = read_report(filled.settings)
    assert report.compared == report.files


def lose_a_new_file(bank: Bank, source: Path) -> None:
    before = set(files(bank))
    with Journal(bank.settings, "nightly", TODAY):
        bank.ingest(write_csv(source, [row(f"more{n}", customer_id=f"d{n}") for n in range(12)]))
        place(bank, next(iter(set(files(bank)) - before))).unlink()


def test_a_file_that_breaks_during_a_run_fails_the_run(filled: Bank, tmp_path: Path) -> None:
    with pytest.raises(DamageError, match="is missing"):
        lose_a_new_file(filled, tmp_path / "more.csv")
    assert filled.query("SELECT status FROM ops.runs") == [("failed",)]


def test_status_says_what_is_missing(filled: Bank) -> None:
    gone = files(filled, "raw.transactions")[0]
    place(filled, gone).unlink()
    status = read_status(filled.settings)
    assert status.headline == "BROKEN: 1 damaged files"
    assert status.findings[0].rows == (("raw.transactions", f"{gone.path} is missing"),)
