"""Ingest by units: the same tables as from one process, in whatever order units are done, some of them twice."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from tasks.intake import batch_files, batches
from tasks.intake.batch_units import enter_rows, find_contested, stage_sources
from tasks.intake.ingest import Ingested, ingest_sources
from tasks.operation.leftovers import leftovers
from tasks.units.progress import Progress
from tasks.units.unit import Crew, Facts, Unit
from tests.support.checksums import table_checksums
from tests.support.crews import shuffled_crew
from tests.tasks.builders import Bank, copy_bank, row, write_csv, write_parquet
from warehouse.connection import connect
from warehouse.errors import SourceError
from warehouse.lone import NewFile

pytestmark = pytest.mark.warehouse
DAYS = ("2024-02-29", "2024-01-31", "2024-03-01", "2023-02-29", "2022-06-30")
HEADER = "transaction_id,customer_id,booked_at,amount,currency,source_code\n"


@pytest.fixture
def in_one(template: Bank, tmp_path: Path) -> Bank:
    """The same bank, whose nights one process makes."""
    return copy_bank(template, tmp_path / "in-one")


def by_units(bank: Bank, paths: Sequence[Path], crew: Crew | None = None) -> Ingested:
    return ingest_sources(bank.context(), [str(path) for path in paths], crew=crew or shuffled_crew(bank.settings, 7))


def tables(bank: Bank) -> dict[str, tuple[int, int]]:
    with connect(bank.settings) as connection:
        return table_checksums(connection, ("raw",))


def purchases(chance: Random, ids: int, count: int) -> list[dict[str, object]]:
    """Rows of which some have faults, and many share ids, with the same content or another."""
    return [
        row(
            chance.randrange(ids),
            customer_id=chance.choice(["anna", "bert", "Åse", ""]),
            booked_at=chance.choice(DAYS),
            amount=chance.choice(["10.00", "0.01", "-3.33", "x", "0"]),
            source_code=chance.choice(["FOOD", "FEE", "NEW", ""]),
        )
        for _ in range(count)
    ]


def deliver(chance: Random, folder: Path) -> list[Path]:
    """Files of one delivery: some are replaced by the next, some hold lines that are no rows; some are Parquet."""
    paths = []
    for name in chance.sample("abcde", k=3):
        path = write_csv(folder / f"{name}.csv", purchases(chance, 15, chance.randrange(12)))
        if name in "ab":
            text = f"FROM read_csv('{path}', all_varchar = true, header = true, delim = ',')"
            paths.append(write_parquet(folder / f"{name}.parquet", text))
            continue
        if chance.random() < 0.4:
            path.write_text(path.read_text(encoding="utf-8") + "t1,too,few\n", encoding="utf-8")
        paths.append(path)
    return paths


@pytest.mark.parametrize("seed", range(3))
def test_deliveries_that_contest_and_replace_each_other(
    bank: Bank, in_one: Bank, tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance, rate = Random(seed), {"max_reject_rate": (1.0, 0.75)[seed % 2]}  # noqa: S311
    monkeypatch.setattr(batches, "MOST_SOURCES", (1, 2, 250)[seed])
    monkeypatch.setattr(batch_files, "ROWS_AT_ONCE", (1, 10, 10**6)[seed])
    here, there = (replace(one, settings=one.settings.model_copy(update=rate)) for one in (in_one, bank))
    contested = held = 0
    for _ in range(3):
        paths = deliver(chance, tmp_path / "files")
        done = here.ingest(*paths)
        assert by_units(there, paths, shuffled_crew(there.settings, seed)) == done
        assert tables(there) == tables(here)
        held += done.held
        contested += len(here.query("FROM raw.duplicates"))
    assert contested
    assert bool(held) == (rate["max_reject_rate"] < 1)
    assert here.query("SELECT count(*) > 0 FROM raw.rejected") == [(True,)]
    assert not list(Path(there.settings.data_uri).glob("scratch*"))


def counted(bank: Bank) -> tuple[Crew, list[list[Callable[..., object]]]]:
    """A crew that notes what it is given to do, all at once or bit by bit."""
    given = list[list[Callable[..., object]]]()
    whole = shuffled_crew(bank.settings, 3)

    def crew(units: Sequence[Unit], progress: Progress) -> dict[Unit, Facts]:
        given.append([unit.work for unit in units])
        return dict(whole(units, progress))

    return crew, given


def test_a_delivery_whose_ids_are_its_own_takes_two_rounds(
    bank: Bank, in_one: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Batches are read side by side and entered side by side; commits are as many as one process needs."""
    monkeypatch.setattr(batches, "MOST_SOURCES", 1)
    paths = [
        write_csv(tmp_path / f"{n}.csv", [row(f"{n}{m}", customer_id=f"c{m + n}", booked_at=DAYS[m]) for m in (0, 1)])
        for n in range(3)
    ]
    crew, given = counted(bank)
    assert by_units(bank, paths, crew) == in_one.ingest(*paths)
    assert [set(round_) for round_ in given[1:]] == [{stage_sources}, {enter_rows}]  # behind the hashes of the files
    assert [len(round_) for round_ in given[1:]] == [3, 3]
    assert tables(bank) == tables(in_one)
    flushed = 1  # rows of this table are kept out of the catalog from now on
    assert bank.snapshots() <= in_one.snapshots() + flushed


def test_only_files_that_may_hold_the_ids_are_looked_into(bank: Bank, in_one: Bank, tmp_path: Path) -> None:
    first = write_csv(tmp_path / "a.csv", [row("a1"), row("a2", booked_at="2024-01-31"), row("c1")])
    assert by_units(bank, [first]) == in_one.ingest(first)
    for number, rows in enumerate(([row("b1")], [row("d1")], [row("a2", booked_at="2024-01-31")])):
        crew, given = counted(bank)
        paths = [first, write_csv(tmp_path / f"b{number}.csv", rows)]
        assert by_units(bank, paths, crew) == in_one.ingest(*paths)
        looked = find_contested in [work for round_ in given for work in round_]
        assert looked == (number != 1), rows  # between a1 and c1 an id may lie, behind c1 none
    assert in_one.query("SELECT count(*) FROM raw.duplicates") == [(1,)]
    assert tables(bank) == tables(in_one)


def test_a_corrected_file_is_not_held_against_the_rows_it_replaces(bank: Bank, in_one: Bank, tmp_path: Path) -> None:
    claimed = list[NewFile]()
    whole = shuffled_crew(bank.settings, 2)

    def crew(units: Sequence[Unit], progress: Progress) -> dict[Unit, Facts]:
        answers = dict(whole(units, progress))
        claimed.extend(file for unit in units if unit.work is find_contested for file in answers[unit].files)
        return answers

    for amount in ("10.00", "11.00"):
        path = write_csv(tmp_path / "a.csv", [row(1, amount=amount), row(2)])
        assert by_units(bank, [path], crew) == in_one.ingest(path)
        assert tables(bank) == tables(in_one)
    assert not claimed


def test_parquet_together_and_alone(bank: Bank, in_one: Bank, tmp_path: Path) -> None:
    columns = ", ".join(f"'{value}' AS {name}" for name, value in row("x").items())
    select = (
        f"SELECT * REPLACE ('p{{}}-' || i AS transaction_id, DATE '2024-01-31' + (i * 9)::INTEGER AS booked_at) "
        f"FROM (SELECT {columns}), range(30) AS t(i)"
    )
    paths = [write_parquet(tmp_path / f"{n}.parquet", select.format(n)) for n in range(3)]
    done = by_units(bank, paths)
    assert done == in_one.ingest(*paths)
    assert done.accepted > 30
    assert tables(bank) == tables(in_one)


def test_a_source_that_cannot_be_read_is_told_of_once_the_others_are_in(
    bank: Bank, in_one: Bank, tmp_path: Path
) -> None:
    good = write_csv(tmp_path / "good.csv", [row(1)])
    torn = write_parquet(tmp_path / "torn.parquet", "SELECT 1 AS other")
    paths = [good, torn]
    messages = []
    for one, crew in ((in_one, None), (bank, shuffled_crew(bank.settings, 7))):
        with pytest.raises(SourceError) as caught:
            ingest_sources(one.context(), [str(path) for path in paths], crew=crew)
        messages.append(str(caught.value))
    assert messages[0] == messages[1]
    assert tables(bank) == tables(in_one)


def test_what_a_killed_ingest_left_goes_with_the_leftovers(bank: Bank, tmp_path: Path) -> None:
    whole = shuffled_crew(bank.settings, 1)

    def dying(units: Sequence[Unit], progress: Progress) -> dict[Unit, Facts]:
        if units[0].work is enter_rows:
            [scratch] = Path(bank.settings.data_uri).glob("scratch-*")
            shutil.copytree(scratch, tmp_path / scratch.name)  # a kill leaves what the end of the step would remove
            raise KeyboardInterrupt
        return dict(whole(units, progress))

    path = write_csv(tmp_path / "a.csv", [row(1), row(2, amount="x")])
    with pytest.raises(KeyboardInterrupt):
        by_units(bank, [path], dying)
    [kept] = tmp_path.glob("scratch-*")
    scratch = Path(bank.settings.data_uri) / kept.name
    assert not scratch.exists()
    shutil.copytree(kept, scratch)
    with connect(bank.settings) as connection:
        left = leftovers(connection, bank.settings)
    assert set(left) >= set(scratch.rglob("*.parquet"))
    assert len(list(scratch.rglob("*.parquet"))) > 3
    assert by_units(bank, [path]).accepted == 1


def test_what_a_row_becomes_is_decided_by_the_flows_settings(bank: Bank, in_one: Bank, tmp_path: Path) -> None:
    """A machine in another zone reads the same days."""
    elsewhere = bank.settings.model_copy(update={"timezone": "Pacific/Auckland", "home": tmp_path / "worker"})
    paths = [write_csv(tmp_path / "a.csv", [row(1, booked_at="2024-03-05T23:30:00Z"), row(2)])]
    assert by_units(bank, paths, shuffled_crew(elsewhere, 1)) == in_one.ingest(*paths)
    assert tables(bank) == tables(in_one)
    assert bank.query("SELECT booked_on::VARCHAR FROM raw.transactions ORDER BY ALL") == [("2024-03-05",)] * 2
