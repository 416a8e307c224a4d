"""What a night reads of raw rows beside their sums: by units the same as in one process."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.operation.freshness import read_feeds
from tasks.operation.seal import seal
from tasks.operation.verify import check_files, check_stale_months
from tasks.publishing.digest import digest
from tasks.publishing.summarize import summarize
from tasks.units import checksums, months
from tasks.units.checksums import checksum_units
from tasks.units.unit import Crew
from tests.support.crews import shuffled_crew
from tests.support.damage import flip
from tests.tasks.builders import Bank, copy_bank, row, write_csv
from warehouse.connection import connect
from warehouse.errors import DamageError
from warehouse.settings import Settings
from warehouse.stored import DataFile, live_files

pytestmark = pytest.mark.warehouse
LAST = date(2024, 5, 31)
CODES = ("FOOD", "TRIP", "PAY", "MISC", "?")


@pytest.fixture(scope="module")
def filled(template: Bank, tmp_path_factory: pytest.TempPathFactory) -> Bank:
    """Two feeds: one of every day, and one that has been silent for a year."""
    root = tmp_path_factory.mktemp("filled")
    bank = copy_bank(template, root / "home")
    days = [LAST - timedelta(days=ago) for ago in range(500)]
    write_csv(root / "daily" / "a.csv", [booking(n, day) for n, day in enumerate(days)])
    write_csv(root / "daily" / "b.csv", [booking(n + 1000, day) for n, day in enumerate(days[::3])])
    write_csv(root / "old" / "c.csv", [booking(n + 2000, day) for n, day in enumerate(days[380:])])
    source = f"{root}/daily/*.csv;{root}/old/*.csv;{root}/never/*.csv"
    bank = replace(bank, settings=bank.settings.model_copy(update={"source": source}))
    bank.ingest(*source.split(";")[:2])
    bank.aggregate(LAST)
    seal(bank.settings)
    return bank


@pytest.fixture
def bank(filled: Bank, tmp_path: Path) -> Bank:
    return copy_bank(filled, tmp_path / "home")


@pytest.fixture
def crew(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> Crew:
    monkeypatch.setattr(months, "MONTHS_AT_ONCE", 2)
    monkeypatch.setattr(checksums, "BYTES_AT_ONCE", 20_000)
    return shuffled_crew(bank.settings, 1)


def booking(number: int, day: date) -> dict[str, object]:
    code, amount = CODES[number % len(CODES)], f"{number % 7 + 1}.25"
    return row(number, customer_id=f"c{number % 9}", booked_at=str(day), source_code=code, amount=amount)


@pytest.mark.parametrize("as_of", [LAST, LAST - timedelta(days=20), date(2022, 1, 1), date(2024, 12, 31)])
def test_a_date_is_told_of_as_one_process_tells_it(bank: Bank, crew: Crew, as_of: date) -> None:
    with connect(bank.settings) as connection:
        feeds = read_feeds(connection, bank.settings, as_of)
        assert read_feeds(connection, bank.settings, as_of, crew) == feeds
    assert summarize(bank.settings, as_of, crew) == summarize(bank.settings, as_of)
    assert digest(bank.settings, as_of, "run", [], crew) == digest(bank.settings, as_of, "run", [])


def test_a_feed_that_is_long_silent_has_its_newest_booking(bank: Bank, crew: Crew) -> None:
    with connect(bank.settings) as connection:
        told = [feed.newest_booking for feed in read_feeds(connection, bank.settings, LAST, crew)]
    assert told == [LAST, LAST - timedelta(days=380), None]


def test_damage_is_found_by_units(bank: Bank, crew: Crew) -> None:
    assert check_files(bank.settings, crew=crew) == check_files(bank.settings)
    with connect(bank.settings) as connection:
        file = next(file for file in live_files(connection) if file.table == "raw.transactions")
    path = bank.settings.home / "data" / file.path
    flip(path, 1)
    with pytest.raises(DamageError) as here:
        check_files(bank.settings)
    with pytest.raises(DamageError) as by_units:
        check_files(bank.settings, crew=crew)
    assert str(by_units.value) == str(here.value)


def test_months_that_are_summed_again_are_compared_by_units(bank: Bank, crew: Crew) -> None:
    bank.execute("INSERT INTO raw.stale_months (month) VALUES (DATE '2023-06-01')")
    assert check_stale_months(bank.settings, crew) == check_stale_months(bank.settings)
    assert check_stale_months(bank.settings, crew).compared == 1


def test_units_seal_what_one_process_seals(bank: Bank, crew: Crew) -> None:
    bank.execute("DELETE FROM ops.files")
    assert seal(bank.settings, crew) > 10
    by_units = bank.query("SELECT * EXCLUDE sealed_at FROM ops.files ORDER BY ALL")
    bank.execute("DELETE FROM ops.files")
    seal(bank.settings)
    assert bank.query("SELECT * EXCLUDE sealed_at FROM ops.files ORDER BY ALL") == by_units
    assert seal(bank.settings, crew) == 0


@given(sizes=st.lists(st.integers(0, 2**30), max_size=30))
def test_files_are_read_in_batches_that_leave_none_out(sizes: list[int]) -> None:
    files = [DataFile(n, 1, "t", f"f{n}", size, None, None) for n, size in enumerate(sizes)]
    batches = [batch for batch, _ in checksum_units(Settings(), files)]
    assert [file for batch in batches for file in batch] == files
    assert all(len(batch) == 1 or sum(file.size for file in batch) <= 2**28 for batch in batches)
