"""What a night asks of the lake does not grow with the years of history, nor with the nights before."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from expectations.suite import Suite
from expectations.verdict import Verdict
from tasks.operation.merging import merge
from tasks.operation.validate import pass_gates, spending_gates
from tests.support.counting import counting
from tests.tasks.builders import Bank, copy_bank, row, write_csv
from warehouse.connection import connect
from warehouse.settings import Settings
from warehouse.stored import live_files

pytestmark = pytest.mark.warehouse
FIRST = date(2024, 6, 1)
CUSTOMERS = range(12)  # rows enough that DuckLake writes files, and does not keep them inside of the catalog


class Budget(NamedTuple):
    """What one night took."""

    statements: int
    opened: int
    written: int


@contextmanager
def gates_unasked() -> Iterator[None]:
    """Let every gate pass for the length of a ``with`` block: only the nights that are measured ask theirs."""

    def passing(_settings: Settings, suite: Suite, *_: object) -> Verdict:
        return Verdict(suite.name, suite.table, ())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tasks.operation.validate.validate", passing)
        yield


def with_history(template: Bank, root: Path, years: int) -> Bank:
    """A warehouse with a row a month of each customer, the last of May 2024."""
    bank = copy_bank(template, root / "home")
    months = [f"{year}-{month:02}-15" for year in range(2024 - years, 2025) for month in range(1, 13)]
    past = [day for day in months if f"{2024 - years}-06" <= day < "2024-06"]
    write_csv(root / "sources" / "past.csv", [booking for day in past for booking in bookings(day)])
    return bank


def bookings(day: str) -> list[dict[str, object]]:
    return [row(f"{day}-{number:02}", booked_at=day, customer_id=f"c{number}") for number in CUSTOMERS]


def deliver(root: Path, day: date) -> None:
    write_csv(root / "sources" / f"{day}.csv", bookings(day.isoformat()))


def night(bank: Bank, root: Path, day: date) -> None:
    bank.ingest(root / "sources" / "*.csv")
    bank.aggregate(day)
    pass_gates(bank.settings, spending_gates(bank.settings, bank.reference, day, bank.today), day, "run")


def files(bank: Bank) -> set[str]:
    with connect(bank.settings, read_only=True) as connection:
        return {file.path for file in live_files(connection)}


def measured(bank: Bank, root: Path, day: date) -> Budget:
    before = files(bank)
    with counting() as counts:
        night(bank, root, day)
    return Budget(counts.statements, len(counts.opened), len(files(bank) - before))


def after(template: Bank, root: Path, years: int, nights: int) -> tuple[Budget, Budget]:
    """What a new day, and nothing new, take after some nights and the maintenance of the week."""
    bank = with_history(template, root, years)
    with gates_unasked():
        for number in range(nights):
            deliver(root, FIRST + timedelta(days=number))
            night(bank, root, FIRST + timedelta(days=number))
    merge(bank.settings)
    day = FIRST + timedelta(days=nights)
    deliver(root, day)
    return measured(bank, root, day), measured(bank, root, day)


def test_a_night_asks_for_what_is_new(template: Bank, tmp_path: Path) -> None:
    few = after(template, tmp_path / "few", years=1, nights=3)
    new_day, nothing_new = few
    assert nothing_new.written == 0
    assert nothing_new.statements < new_day.statements
    assert 0 < nothing_new.opened < new_day.opened
    assert after(template, tmp_path / "history", years=4, nights=3) == few
    for many, as_before in zip(after(template, tmp_path / "nights", years=1, nights=6), few, strict=True):
        assert (many.statements, many.written) == (as_before.statements, as_before.written)
        assert many.opened <= as_before.opened
