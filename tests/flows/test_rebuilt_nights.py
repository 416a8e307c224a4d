"""Three nights with late rows between them: a date rebuilt later equals its night where the raw rows are the same."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from flows.backfill import backfill
from flows.nightly import nightly
from tasks.spending.aggregate import refresh_monthly
from tests.flows.banks import Bank, copy_bank
from warehouse.connection import connect, in_transaction
from warehouse.settings import Settings

pytestmark = [pytest.mark.flow, pytest.mark.timeout(600)]
NIGHTS = [date(2025, 11, 1) + timedelta(days=n) for n in range(3)]
RAW = ("customers", "transactions", "duplicates", "rejected", "loads")


@dataclass(frozen=True)
class History:
    """What each night published, and the snapshot of the lake after it."""

    bank: Bank
    published: list[dict[str, list[tuple[object, ...]]]]
    snapshots: list[int]


@pytest.fixture(scope="module")
def history(template: Bank, without_gates: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    bank = copy_bank(template, tmp_path_factory.mktemp("nights") / "bank")
    with pytest.MonkeyPatch.context() as patch:
        bank.enter(patch)
        patch.setenv("MICROSEG_SOURCE", f"{bank.origin}/source/*.parquet;{bank.root}/late-*.parquet")
        history = History(bank, [], [])
        for number, night in enumerate(NIGHTS):
            write_late_rows(bank, number, bank.root / f"late-{number}.parquet")
            nightly(night)
            history.published.append(bank.dated([night]))
            history.snapshots.append(int(str(bank.value("SELECT max(snapshot_id) FROM lake.snapshots()"))))
        yield history


def write_late_rows(bank: Bank, number: int, file: Path) -> None:
    """Deliver some hundred purchases of the past months under ids of their own, others each night."""
    late = f"hash(transaction_id) % 50 = {number} AND booked_at < DATE '2025-11-01'"
    new = f"SELECT * REPLACE ('late-{number}-' || transaction_id AS transaction_id)"
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({new} FROM '{bank.origin}/source/*.parquet' WHERE {late}) TO '{file}'")


def test_a_date_rebuilt_from_the_rows_of_its_night_equals_it(history: History, tmp_path: Path) -> None:
    for number in (0, 1):
        bank = copy_bank(history.bank, tmp_path / str(number))
        with pytest.MonkeyPatch.context() as patch:
            bank.enter(patch)
            travel(Settings(), history.snapshots[number])
            backfill(NIGHTS[number], NIGHTS[number], every="day", dry_run=False)
            assert bank.dated([NIGHTS[number]]) == history.published[number]


def test_a_date_rebuilt_after_late_rows_differs_and_says_why(history: History, tmp_path: Path) -> None:
    bank = copy_bank(history.bank, tmp_path / "today")
    with pytest.MonkeyPatch.context() as patch:
        bank.enter(patch)
        before = backfill(NIGHTS[0], NIGHTS[-1], every="day")[::-1]  # the newest comes first
        assert [window.late for window in before] == [late_since(bank, number) for number in range(len(NIGHTS))]
        assert [window.current for window in before] == [False, False, True]
        backfill(NIGHTS[0], NIGHTS[0], every="day", dry_run=False)
        assert bank.dated(NIGHTS[:1]) != history.published[0]
        after = backfill(NIGHTS[0], NIGHTS[0], every="day")
        assert [(window.late, window.current) for window in after] == [(0, True)]


def late_since(bank: Bank, night: int) -> int:
    """Count what was delivered after a night, by the names that the late rows were given."""
    later = " OR ".join(f"starts_with(transaction_id, 'late-{number}-')" for number in range(night + 1, len(NIGHTS)))
    return int(str(bank.value(f"SELECT count(*) FROM raw.transactions WHERE {later or 'false'}")))


def travel(settings: Settings, snapshot: int) -> None:
    """Put the raw layer back to what it was at a snapshot, and sum it anew."""
    with connect(settings) as connection:
        for table in RAW:  # read first: inside the transaction, AT would overlook what the transaction deletes
            connection.execute(f"CREATE TEMP TABLE earlier_{table} AS FROM raw.{table} AT (VERSION => {snapshot})")

        def restore() -> None:
            for table in RAW:
                connection.execute(f"DELETE FROM raw.{table}")
                connection.execute(f"INSERT INTO raw.{table} FROM earlier_{table}")
            months = "SELECT DISTINCT month, 'travel' FROM spend.monthly"
            connection.execute(f"INSERT INTO raw.stale_months {months}")

        in_transaction(connection, restore)
    refresh_monthly(settings)
