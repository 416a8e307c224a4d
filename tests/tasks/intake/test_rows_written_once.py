"""Ingest by units: rows of Parquet files are written once, for good; and once more wherever that would be wrong."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tasks.intake import batches
from tasks.intake.batch_units import enter_rows, list_customers, stage_sources
from tasks.intake.ingest import Ingested, ingest_sources
from tasks.units.progress import Progress
from tasks.units.unit import Facts, Unit
from tests.support.checksums import table_checksums
from tests.support.crews import shuffled_crew
from tests.tasks.builders import Bank, copy_bank, row, write_csv, write_parquet
from warehouse.connection import connect

pytestmark = pytest.mark.warehouse
Rows = list[dict[str, object]]
Works = list[Callable[..., object]]


@pytest.fixture
def in_one(template: Bank, tmp_path: Path) -> Bank:
    """The same bank, whose nights one process makes."""
    return copy_bank(template, tmp_path / "in-one")


def nothing() -> None:
    """What happens between two rounds, as a rule."""


def by_units(
    bank: Bank, paths: Sequence[Path], then: Callable[[], object] = nothing, behind: object = stage_sources
) -> tuple[Ingested, Works]:
    """Ingest by units; return what came of it, and the works of all units. `then` happens behind those of one work."""
    works, whole = Works(), shuffled_crew(bank.settings, 5)

    def crew(units: Sequence[Unit], progress: Progress) -> dict[Unit, Facts]:
        works.extend(unit.work for unit in units)
        answers = dict(whole(units, progress))
        if units[0].work is behind:
            then()
        return answers

    return ingest_sources(bank.context(), [str(path) for path in paths], crew=crew), works


def tables(bank: Bank) -> dict[str, tuple[int, int]]:
    with connect(bank.settings) as connection:
        return table_checksums(connection, ("raw",))


def parquet(path: Path, rows: Rows) -> Path:
    text = write_csv(path.with_suffix(".text"), rows)
    return write_parquet(path, f"FROM read_csv('{text}', all_varchar = true, header = true, delim = ',')")


def deliver(folder: Path, **files: Rows) -> list[Path]:
    folder.mkdir(exist_ok=True)
    return [parquet(folder / f"{name}.parquet", rows) for name, rows in files.items()]


BERT, ZOE = {"customer_id": "bert"}, {"customer_id": "zoe"}
PLAIN: dict[str, dict[str, Rows]] = {
    "new customers": {"a": [row(1, **ZOE), row(2)], "b": [row(3, **BERT), row(4, booked_at="2024-01-31")]},
    "faults": {"a": [row(1, **ZOE), row(2, **ZOE, amount="x")], "b": [row(3, **BERT), row(4, customer_id=""), row(5)]},
    "no good row": {"a": [row(1, amount="x")], "b": [row(2)]},
}
# Of what the keys or the rows are not those that were written at first.
OTHERWISE: dict[str, dict[str, Rows]] = {
    "all rows of a customer are faulty": {"a": [row(1, **ZOE), row(2, **BERT, amount="x")], "b": [row(3)]},
    "an id twice in a file": {"a": [row(1), row(1, amount="2.00"), row(3)], "b": [row(2)]},
    "an id in two files": {"a": [row(1), row(3, **ZOE)], "b": [row(2), row(3, **ZOE), row(3, **BERT)]},
    "a source is held": {"a": [row(1), *(row(n, amount="x") for n in range(2, 9))], "b": [row(9)]},
}


TOGETHER = ("a source is held", "an id in two files", "faults")


@pytest.mark.parametrize(
    ("name", "most"),
    [*((name, 1) for name in (*PLAIN, *OTHERWISE) if name != TOGETHER[0]), *((name, 250) for name in TOGETHER)],
)
def test_rows_are_written_once_unless_that_is_wrong(
    bank: Bank, in_one: Bank, tmp_path: Path, name: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "MOST_SOURCES", most)
    paths = deliver(tmp_path / "files", **(PLAIN | OTHERWISE)[name])
    limit = {"max_reject_rate": 0.5 if name == "a source is held" else 1.0}
    here, there = (replace(one, settings=one.settings.model_copy(update=limit)) for one in (in_one, bank))
    done, works = by_units(there, paths)
    assert done == here.ingest(*paths)
    assert (enter_rows in works) == (name in OTHERWISE)
    assert tables(bank) == tables(in_one)


def test_a_delivery_that_replaces_another_is_written_once(bank: Bank, in_one: Bank, tmp_path: Path) -> None:
    for amount in ("1.00", "2.00"):
        paths = deliver(tmp_path / "files", a=[row(1, amount=amount), row(2, **ZOE)], b=[row(4, amount=amount)])
        done, works = by_units(bank, paths)
        assert done == in_one.ingest(*paths)
        assert enter_rows not in works
        assert tables(bank) == tables(in_one)


def test_rows_that_leave_take_no_file_along_that_is_written_ahead(
    bank: Bank, in_one: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is heard ahead registers nothing: a deletion behind it in that transaction would remove the file."""
    monkeypatch.setattr(batches, "MOST_SOURCES", 1)
    first = {"b": [row(1)], "c": [row(1, amount="30.00")]}  # both claim t1, b holds it
    second = {"a": [row(1, amount="20.00")], "b": [row(2)], "c": [row(1, amount="30.00")]}  # b lets go of it
    for files in (first, second):
        paths = deliver(tmp_path / "files", **files)
        assert by_units(bank, paths)[0] == in_one.ingest(*paths)
        assert tables(bank) == tables(in_one)
    assert bank.query("SELECT amount::VARCHAR FROM raw.transactions ORDER BY ALL") == [("10.00",), ("20.00",)]


def test_another_writer_brings_customers_meanwhile(bank: Bank, in_one: Bank, tmp_path: Path) -> None:
    other = write_csv(tmp_path / "other.csv", [row(9, customer_id="carl")])
    paths = deliver(tmp_path / "files", a=[row(1), row(2, **ZOE)], b=[row(3, **BERT)])
    in_one.ingest(other)
    done, works = by_units(bank, paths, lambda: bank.ingest(other))
    assert done == in_one.ingest(*paths)
    assert enter_rows in works
    assert tables(bank) == tables(in_one)


def test_another_writer_gives_a_code_another_kind_meanwhile(bank: Bank, in_one: Bank, tmp_path: Path) -> None:
    change = "UPDATE ref.source_codes SET kind = 'transfer' WHERE source_code = 'FOOD'"
    paths = deliver(tmp_path / "files", a=[row(1)])

    in_one.execute(change)
    done, works = by_units(bank, paths, lambda: bank.execute(change))
    assert done == in_one.ingest(*paths)
    assert enter_rows in works
    assert bank.query("SELECT kind FROM raw.transactions") == [("transfer",)]
    assert tables(bank) == tables(in_one)


def test_a_file_changes_once_its_customers_are_listed(bank: Bank, in_one: Bank, tmp_path: Path) -> None:
    paths = deliver(tmp_path / "files", a=[row(1), row(2, **ZOE)], b=[row(3, **BERT)])

    def change() -> None:
        deliver(tmp_path / "files", a=[row(5, customer_id="carl"), row(2)])

    done, works = by_units(bank, paths, change, behind=list_customers)
    assert done == in_one.ingest(*paths)
    assert enter_rows in works
    assert bank.query("SELECT count(*) FROM raw.transactions WHERE transaction_id = 't5'") == [(1,)]
    assert tables(bank) == tables(in_one)


def test_a_file_whose_customers_cannot_be_listed_is_told_of_by_whoever_reads_it(
    bank: Bank, in_one: Bank, tmp_path: Path
) -> None:
    paths = deliver(tmp_path / "files", a=[row(1)], b=[row(2, **ZOE)])
    whole = shuffled_crew(bank.settings, 1)

    def losing(units: Sequence[Unit], progress: Progress) -> dict[Unit, Facts]:
        if units[0].work is not list_customers:
            return dict(whole(units, progress))
        away = paths[0].rename(tmp_path / "away")
        answers = dict(whole(units, progress))
        away.rename(paths[0])
        return answers

    assert ingest_sources(bank.context(), [str(path) for path in paths], crew=losing) == in_one.ingest(*paths)
    assert tables(bank) == tables(in_one)
