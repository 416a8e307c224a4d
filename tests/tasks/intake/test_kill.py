"""A night that is killed anywhere and run again gives the tables of an undisturbed night."""

import signal
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

import pytest

from tests.support.checksums import table_checksums
from tests.tasks.builders import Bank, copy_bank, row, write_csv
from tests.tasks.intake.killed import night, withdrawal
from warehouse.connection import connect

pytestmark = pytest.mark.warehouse
INGEST = [
    ("INSERT INTO staged", 2),  # the first file of the batch is staged, the lake is as it was
    ("DELETE FROM raw.transactions", 1),  # the replaced version of the first file
    ("INSERT INTO raw.transactions", 1),  # its rows are gone, the new ones not there yet; contested ids are taken out
    ("INSERT INTO raw.transactions", 2),
    ("INSERT INTO raw.loads", 1),
    ("COMMIT", 1),  # all is written, nothing is said
    ("INSERT INTO raw.customers", 2),  # the first batch is in, whose customers are known
    ("INSERT INTO raw.loads", 1),  # of the second batch
    ("COMMIT", 1),
]
AGGREGATE = [
    ("DELETE FROM spend.monthly", 1),  # between ingest and aggregate
    ("INSERT INTO spend.monthly", 2),
    ("UPDATE raw.loads SET status = 'published'", 1),
    ("COMMIT", 1),
    ("CREATE OR REPLACE TEMP TABLE periods", 1),  # between the two aggregates
    ("INSERT INTO spend.periods", 2),
    ("INSERT INTO spend.steps", 1),
    ("COMMIT", 2),
]


@pytest.fixture(scope="module")
def before(template: Bank, tmp_path_factory: pytest.TempPathFactory) -> tuple[Bank, Path]:
    """A warehouse with a night behind it, and two batches of the next: a replaced file, contested ids, rejects."""
    folder = tmp_path_factory.mktemp("kill")
    bank = copy_bank(template, folder / "home")
    sources = folder / "sources"
    old = [row(n, booked_at=f"2024-0{1 + n % 3}-15", customer_id=f"c{n % 7}") for n in range(60)]
    write_csv(sources / "a.csv", old)
    night(bank, sources)
    write_csv(sources / "a.csv", [each | {"amount": "12.00"} for each in old[:50]])
    write_csv(sources / "b.csv", [*old[40:], *(row(n, customer_id="new") for n in range(60, 90)), row("x", amount="?")])
    write_csv(sources / "c.csv", [row(n, customer_id=f"later{n % 3}") for n in range(80, 120)])
    return bank, sources


@pytest.fixture(scope="module")
def undisturbed(before: tuple[Bank, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, int]]:
    bank = copy_bank(before[0], tmp_path_factory.mktemp("whole") / "home")
    night(bank, before[1])
    return checksums(bank)


def checksums(bank: Bank) -> dict[str, tuple[int, int]]:
    with connect(bank.settings, read_only=True) as connection:
        return table_checksums(connection)


@pytest.mark.parametrize("kills", [INGEST, AGGREGATE])
def test_nights_killed_one_after_the_other_end_like_an_undisturbed_one(
    before: tuple[Bank, Path], undisturbed: dict[str, tuple[int, int]], tmp_path: Path, kills: list[tuple[str, int]]
) -> None:
    template, sources = before
    bank = copy_bank(template, tmp_path / "home")
    for mark, times in kills:
        kill(night, bank, sources, mark, times)
    night(bank, sources)
    assert checksums(bank) == undisturbed


def test_a_withdrawal_that_is_killed_has_not_happened(before: tuple[Bank, Path], tmp_path: Path) -> None:
    bank = copy_bank(before[0], tmp_path / "home")
    bank.ingest(before[1] / "*.csv")
    whole = checksums(bank)
    [(load_id,)] = bank.query("SELECT load_id FROM raw.loads_in_force WHERE parse_filename(source) = 'a.csv'")
    for mark in ("DELETE FROM raw.transactions", "INSERT INTO raw.stale_months", "COMMIT"):
        kill(withdrawal, bank, load_id, mark, 1)
        assert checksums(bank) == whole
    withdrawal(bank, load_id)
    assert bank.query(f"SELECT count(*) FROM raw.transactions WHERE load_id = '{load_id}'") == [(0,)]


def kill(target: Callable[..., None], *arguments: object) -> None:
    processes = get_context("forkserver")  # a fork of this process would inherit the locks of its threads
    processes.set_forkserver_preload(["tests.tasks.intake.killed"])
    child = processes.Process(target=target, args=arguments)
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL, arguments
