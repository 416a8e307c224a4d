"""Months and periods by units: the same tables, in whatever order they are done, some of them twice."""

import signal
from datetime import date
from multiprocessing import get_context
from pathlib import Path

import pytest

from tasks.operation.leftovers import remove_leftovers
from tasks.spending.aggregate import refresh_monthly
from tasks.spending.periods import refresh_by_period
from tasks.units import buckets
from tasks.units.unit import Crew
from tests.support.checksums import table_checksums
from tests.support.crews import shuffled_crew
from tests.tasks.builders import Bank, copy_bank, row, write_csv
from tests.tasks.intake.killed import light_fuse
from tests.tasks.operation.retained import files_known, files_on_disk
from warehouse.connection import connect
from warehouse.engines import close_idle

pytestmark = pytest.mark.warehouse
DAYS = (date(2024, 3, 31), date(2024, 4, 2))
CODES = ("FOOD", "TRIP", "0742", "FEE", "PAY", "MISC", "?")


def checksums(bank: Bank) -> dict[str, tuple[int, int]]:
    with connect(bank.settings) as connection:
        return table_checksums(connection, ("raw", "spend"))


def purchase(number: int) -> dict[str, object]:
    day = f"{2022 + number % 3}-{1 + number % 3:02}-{1 + number % 28:02}"
    return row(
        number,
        customer_id=f"c{number % 7}",
        booked_at=day,
        amount=f"{number % 9 - 3 or 5}",
        source_code=CODES[number % 7],
    )


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Sources of two days, some rows in both."""
    folder, rows = tmp_path_factory.mktemp("sources"), [purchase(number) for number in range(400)]
    return [write_csv(folder / "a.csv", rows[:300]), write_csv(folder / "b.csv", rows[290:])]


def done(bank: Bank, file: Path, day: date, crew: Crew | None = None) -> tuple[object, ...]:
    """Take in the source of a day and sum it up; return what was told of it and what is in the tables."""
    bank.ingest(file)
    months = refresh_monthly(bank.settings, crew=crew)
    periods = refresh_by_period(bank.settings, day, "run", crew=crew)
    assert periods.rows
    return months, periods, checksums(bank)


@pytest.fixture(scope="module")
def in_one(template: Bank, files: list[Path], tmp_path_factory: pytest.TempPathFactory) -> list[tuple[object, ...]]:
    """What one process makes of both days."""
    bank = copy_bank(template, tmp_path_factory.mktemp("elsewhere") / "home")
    return [done(bank, file, day) for file, day in zip(files, DAYS, strict=True)]


@pytest.mark.parametrize("seed", range(3))
def test_units_in_any_order_give_the_tables_of_one_process(
    bank: Bank, files: list[Path], in_one: list[tuple[object, ...]], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buckets, "BUCKET", 2)
    crew = shuffled_crew(bank.settings, seed)
    for file, day, expected in zip(files, DAYS, in_one, strict=True):
        assert done(bank, file, day, crew) == expected
    assert refresh_monthly(bank.settings, crew=crew) == 0
    assert refresh_by_period(bank.settings, DAYS[1], "run", crew=crew).steps == 0


def by_units(bank: Bank, mark: str = "") -> None:
    """Sum months and periods by units; die before the first statement that holds `mark`."""
    light_fuse(mark, 1)
    crew = shuffled_crew(bank.settings, 1)
    refresh_monthly(bank.settings, crew=crew)
    refresh_by_period(bank.settings, DAYS[0], "run", crew=crew)


@pytest.mark.parametrize("mark", ["ducklake_add_data_files", "INSERT INTO ops.files", "INSERT INTO spend.steps"])
def test_a_committer_that_is_killed_while_it_registers_and_runs_again(
    bank: Bank, template: Bank, tmp_path: Path, mark: str
) -> None:
    in_one = copy_bank(template, tmp_path / "elsewhere")
    file = write_csv(tmp_path / "a.csv", [purchase(number) for number in range(200)])
    for one in (bank, in_one):
        one.ingest(file)
    close_idle()
    child = get_context("forkserver").Process(target=by_units, args=(bank, mark))
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    assert files_on_disk(bank.settings) > files_known(bank.settings)
    by_units(bank)
    refresh_monthly(in_one.settings)
    refresh_by_period(in_one.settings, DAYS[0], "run")
    assert checksums(bank) == checksums(in_one)
    with connect(bank.settings) as connection:
        remove_leftovers(connection, bank.settings)
    assert files_on_disk(bank.settings) == files_known(bank.settings)
