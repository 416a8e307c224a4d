"""Corrected rejects go back in once; faulty ones wait."""

import csv
from pathlib import Path

import pytest

from tasks.intake.quarantine import write_rejects
from tasks.intake.replay import replay
from tests.tasks.builders import HEADER, Bank, row, write_csv, write_reference
from warehouse.errors import SourceError

pytestmark = pytest.mark.warehouse


def correct(bank: Bank, path: Path, **changes: dict[str, str]) -> Path:
    """Write the rejects and change fields of the rows whose numbers are given as r1, r2, ..."""
    write_rejects(bank.settings, bank.reference.source, path)
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for each in rows:
        each.update(changes.get("r" + each["row_number"], {}))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def waiting(bank: Bank) -> list[tuple[int, str]]:
    return bank.query("SELECT row_number, reason FROM raw.rejected WHERE replayed_load_id IS NULL ORDER BY ALL")


def ids(bank: Bank) -> list[str]:
    return [each[0] for each in bank.transactions()]


def test_corrected_rows_count_once_and_faulty_ones_wait(bank: Bank, tmp_path: Path) -> None:
    source = write_csv(
        tmp_path / "a.csv",
        [row(1), row(2, amount="?", customer_id='"O""B, Åse"'), row(3, booked_at="?"), row(4, currency="USD")],
    )
    bank.ingest(source)
    bank.aggregate()
    path = correct(bank, tmp_path / "out" / "r.csv", r2={"amount": "5"}, r3={"booked_at": "2023-12-31"})
    assert path.stat().st_mode & 0o077 == 0
    done = replay(bank.context(), path)
    assert (done.read, done.accepted, done.rejected) == (3, 2, 1)
    assert (ids(bank), waiting(bank)) == (["t1", "t2", "t3"], [(4, "wrong_currency")])
    assert bank.transactions()[1][1] == 'O"B, Åse'
    before = bank.snapshots()
    assert replay(bank.context(), path).accepted == 0
    assert replay(bank.context(), None).accepted == 0
    assert bank.snapshots() == before
    bank.aggregate()
    assert sorted(str(month) for _, month, *_ in bank.monthly()) == ["2023-12-01", "2024-03-01", "2024-03-01"]
    write_csv(source, [row(1), row(9)])  # the file is replaced, what was corrected stays
    bank.ingest(source)
    assert ids(bank) == ["t1", "t2", "t3", "t9"]
    assert waiting(bank) == []


def test_a_correction_of_the_reference_set_lets_rows_through(bank: Bank, tmp_path: Path) -> None:
    source = write_csv(tmp_path / "a.csv", [row(1, amount="200000"), row(2, amount="x")])
    bank.ingest(source)
    wider = bank.under(write_reference(tmp_path / "r", maximum=500000))
    done = replay(wider.context(), None)
    assert (done.accepted, done.rejected, ids(bank)) == (1, 1, ["t1"])
    wider.ingest(source)  # the new contract reads the file again: the same row is still one row
    assert (ids(bank), waiting(bank)) == (["t1"], [(2, "unparsable_amount")])


def test_a_lost_id_is_corrected_by_another_id(bank: Bank, tmp_path: Path) -> None:
    bank.ingest(write_csv(tmp_path / "a.csv", [row(1), row(1, amount="99")]))
    unchanged = correct(bank, tmp_path / "same.csv")
    before = bank.snapshots()
    assert replay(bank.context(), unchanged).read == 0
    assert replay(bank.context(), None).read == 0
    assert (bank.snapshots(), len(waiting(bank))) == (before, 1)
    [(lost, _)] = waiting(bank)
    replay(bank.context(), correct(bank, tmp_path / "corrected.csv", **{f"r{lost}": {"transaction_id": "t1b"}}))
    assert (ids(bank), waiting(bank)) == (["t1", "t1b"], [])
    assert bank.query("SELECT count(*) FROM raw.duplicates WHERE mended_load_id IS NULL") == [(0,)]
    bank.ingest(write_csv(tmp_path / "b.csv", [row(1)]))  # the id is settled anew: what was corrected stays corrected
    assert (ids(bank), waiting(bank)) == (["t1", "t1b"], [])


def test_a_line_that_was_no_row_is_corrected_from_its_text(bank: Bank, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{HEADER}\nt1,anna,2024-03-05,10,00,EUR,FOOD\n")
    bank.ingest(path)
    corrected = correct(bank, tmp_path / "r.csv", r1={name: str(value) for name, value in row(1).items()})
    assert "t1,anna,2024-03-05,10,00,EUR,FOOD" in corrected.read_text()
    assert replay(bank.context(), corrected).accepted == 1


def test_decimal_commas_of_typed_rejects_come_back(bank: Bank, tmp_path: Path) -> None:
    german = bank.under(write_reference(tmp_path / "r", decimal=",", delimiter=";"))
    german.ingest(write_csv(tmp_path / "a.csv", [row(1, amount="1.234,50", currency="?")], delimiter=";"))
    replay(german.context(), correct(german, tmp_path / "m.csv", r1={"currency": "EUR"}))
    assert [str(each[3]) for each in bank.transactions()] == ["1234.50"]


def test_a_file_of_another_form_gives_one_line(bank: Bank, tmp_path: Path) -> None:
    bank.ingest(write_csv(tmp_path / "a.csv", [row(1, amount="?")]))
    advice = "start from a file that `microseg rejects` wrote"
    other = write_csv(tmp_path / "b.csv", [row(1)])
    good = correct(bank, tmp_path / "r.csv", r1={"amount": "1"}).read_text()
    twice = tmp_path / "twice.csv"
    twice.write_text(good + good.splitlines()[1] + "\n")
    load_id = bank.query("SELECT load_id FROM raw.loads")[0][0]
    for path, line in {
        other: f"{other} lacks the column load_id; {advice}",
        tmp_path / "none.csv": f"{tmp_path / 'none.csv'} is not a file; {advice}",
        twice: f"{twice} holds row 1 of load {load_id} more than once; keep only the correct one",
    }.items():
        with pytest.raises(SourceError) as caught:
            replay(bank.context(), path)
        assert str(caught.value) == line
    (tmp_path / "torn.csv").write_text(good + "x,y\n")
    with pytest.raises(SourceError, match=rf"cannot be replayed: .*; {advice}$"):
        replay(bank.context(), tmp_path / "torn.csv")
    assert len(waiting(bank)) == 1
