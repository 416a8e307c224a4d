"""Repair takes damaged files of derived tables out, and the same steps as ever make their rows again."""

from pathlib import Path
from typing import Any

import pytest

from tasks.operation import repair as repairing
from tasks.operation.repair import Repaired, repair
from tasks.operation.seal import seal
from tasks.operation.verify import read_report
from tests.support.checksums import table_checksums
from tests.support.damage import cut, flip
from tests.tasks.builders import TODAY, Bank, copy_bank, row, write_csv
from tests.tasks.operation.test_verify import MONTHS, files, place
from warehouse.connection import connect
from warehouse.errors import DamageError
from warehouse.spill import spill_locks

pytestmark = pytest.mark.warehouse
SPEND = ("spend.monthly", "spend.periods", "spend.steps", "spend.months", "ops.provenance")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, template: Bank) -> Bank:
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


def checksums(bank: Bank) -> dict[str, tuple[int, int]]:
    with connect(bank.settings, read_only=True) as connection:
        return table_checksums(connection, ("raw", "spend"))


def break_one(bank: Bank, table: str, how: Any) -> None:
    how(place(bank, files(bank, table)[0]))


WAYS = {"missing": Path.unlink, "cut": cut, "flipped": lambda path: flip(path, 7)}


@pytest.mark.parametrize("how", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("table", ["spend.monthly", "spend.periods", "spend.steps"])
def test_what_is_taken_out_is_made_again(filled: Bank, table: str, how: Any) -> None:
    before = checksums(filled)
    break_one(filled, table, how)
    done = repair(filled.settings)
    assert spill_locks(filled.settings) == []  # no engine stays open that knows the catalog as it was
    assert [problem.file.table for problem in done.problems] == [table]
    assert read_report(filled.settings).problems == ()
    assert checksums(filled)[table] != before[table]
    filled.aggregate()
    assert checksums(filled) == before
    assert repair(filled.settings) == Repaired()


def test_it_says_what_makes_them_again(filled: Bank) -> None:
    break_one(filled, "spend.monthly", Path.unlink)
    assert repair(filled.settings).commands == ("microseg run",)
    break_one(filled, "spend.periods", Path.unlink)
    done = repair(filled.settings)
    assert done.dates == (TODAY,)
    assert done.commands == (f"microseg backfill {TODAY} {TODAY} --every day --for-real",)


def test_raw_rows_are_left_to_the_backup(filled: Bank) -> None:
    break_one(filled, "spend.monthly", Path.unlink)
    break_one(filled, "raw.transactions", cut)
    snapshots = filled.snapshots()
    with pytest.raises(DamageError, match=r"^damaged: raw\.transactions, .* backup$"):
        repair(filled.settings)
    assert filled.snapshots() == snapshots


def test_rows_that_were_deleted_do_not_come_back(filled: Bank) -> None:
    filled.execute("DELETE FROM spend.monthly WHERE customer_key = 1")
    filled.execute("INSERT INTO raw.stale_months VALUES ('2024-01-01', 'l'), ('2024-02-01', 'l'), ('2024-03-01', 'l')")
    deletions = [file for file in files(filled, "spend.monthly") if "delete" in file.path]
    for file in deletions:
        place(filled, file).unlink()
    repair(filled.settings)
    assert filled.query("SELECT count(*) FROM spend.monthly WHERE customer_key = 1") == [(0,)]


def test_killed_in_between_it_is_done_again(filled: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    before = checksums(filled)
    break_one(filled, "spend.monthly", Path.unlink)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(repairing, "_write_snapshot", killed)
        with pytest.raises(KeyboardInterrupt):
            repair(filled.settings)
    assert filled.query("SELECT count(*) FROM raw.stale_months") == [(1,)]  # marked before the rows are gone
    repair(filled.settings)
    filled.aggregate()
    assert checksums(filled) == before


def test_earlier_snapshots_still_name_the_file(filled: Bank) -> None:
    newest = filled.query("SELECT max(snapshot_id) FROM ducklake_snapshots('lake')")[0][0]
    break_one(filled, "spend.monthly", Path.unlink)
    repair(filled.settings)
    with pytest.raises(DamageError, match="is missing"), connect(filled.settings, read_only=True) as connection:
        connection.execute(f"SELECT sum(amount) FROM spend.monthly AT (VERSION => {newest})").fetchall()


def test_without_what_tells_that_they_are_up_to_date_all_released_dates_are_made_again(filled: Bank) -> None:
    filled.execute(f"INSERT INTO segments.releases BY NAME SELECT DATE '{TODAY}' AS as_of")
    # More rows than DuckLake keeps inside of the catalog: they get a file.
    filled.execute(
        "INSERT INTO ops.provenance BY NAME SELECT DATE '2023-01-01' + i::INTEGER AS as_of FROM range(40) r (i)"
    )
    seal(filled.settings)
    break_one(filled, "ops.provenance", Path.unlink)
    assert repair(filled.settings).dates == (TODAY,)
