"""The same source again, a changed one, and ids that several rows claim."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.tasks.builders import Bank, copy_bank, row, write_csv, write_reference
from warehouse.errors import MicrosegError

pytestmark = pytest.mark.warehouse


def ids(bank: Bank) -> list[str]:
    return [each[0] for each in bank.transactions()]


def ledger(bank: Bank) -> list[tuple[object, ...]]:
    """Return name, counts and status of every load, and make sure that the counts are those of the tables."""
    counted = bank.query(
        "SELECT load_id, count(*) FILTER (o = 'a'), count(*) FILTER (o = 'r'), count(*) FILTER (o = 'd') FROM ("
        "SELECT load_id, 'a' AS o FROM raw.transactions UNION ALL SELECT load_id, 'r' FROM raw.rejected "
        "UNION ALL SELECT load_id, 'd' FROM raw.duplicates WHERE NOT conflict) GROUP BY load_id"
    )
    kept = bank.query(
        "SELECT load_id, rows_accepted, rows_rejected, rows_duplicate FROM raw.loads_in_force WHERE rows_read > 0"
    )
    assert sorted(counted) == sorted(kept)
    return bank.query(
        "SELECT parse_filename(source), rows_accepted, rows_rejected, rows_duplicate, status "
        "FROM raw.loads ORDER BY source, status"
    )


def test_the_same_file_twice_changes_nothing(bank: Bank, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [row(1), row(2, amount="?")])
    bank.ingest(path)
    before = bank.snapshots()
    done = bank.ingest(path, tmp_path / "*.csv")
    assert (done.sources, done.unchanged, done.read) == (1, 1, 0)
    assert bank.snapshots() == before


def test_a_changed_file_replaces_exactly_its_own_rows(bank: Bank, tmp_path: Path) -> None:
    other = write_csv(tmp_path / "b.csv", [row(8), row(9)])
    first = [row(1), row(2, booked_at="2024-01-10"), row(3, amount="?")]
    path = write_csv(tmp_path / "a.csv", first)
    bank.ingest(path, other)
    bank.aggregate()
    write_csv(path, [row(1, amount="11.00"), row(4)])  # shrinks, and one row changes
    bank.ingest(path)
    assert ids(bank) == ["t1", "t4", "t8", "t9"]
    assert bank.rejected() == []
    bank.aggregate()
    assert [(str(month), str(amount)) for _, month, _, amount, _ in bank.monthly()] == [("2024-03-01", "41.00")]
    write_csv(path, first)  # and back again
    bank.ingest(path)
    assert ids(bank) == ["t1", "t2", "t8", "t9"]
    assert ledger(bank) == [
        ("a.csv", 2, 1, 0, "pending"),
        ("a.csv", 2, 0, 0, "replaced"),
        ("b.csv", 2, 0, 0, "published"),
    ]
    write_csv(path, [])
    bank.ingest(path)
    assert ids(bank) == ["t8", "t9"]


def test_two_files_with_the_same_rows_count_once(bank: Bank, tmp_path: Path) -> None:
    rows = [row(1), row(2)]
    paths = [write_csv(tmp_path / name, rows) for name in ("a.csv", "b.csv")]
    done = bank.ingest(*paths)
    assert (done.read, done.accepted, done.rejected, done.duplicate) == (4, 2, 0, 2)
    write_csv(paths[0], [row(2)])  # the holder's file lets go of t1: the other file's claim takes over
    bank.ingest(paths[0])
    assert ids(bank) == ["t1", "t2"]
    ledger(bank)
    write_csv(paths[1], [])
    bank.ingest(paths[1])
    assert ids(bank) == ["t2"]
    ledger(bank)


def test_one_id_with_other_content_is_held_by_the_first_booking(template: Bank, bank: Bank, tmp_path: Path) -> None:
    late, early, same = row(1, booked_at="2024-03-07"), row(1, booked_at="2024-03-04", amount="7"), row(1)
    expected = None
    for number, order in enumerate([(late, early, same), (early, same, late)]):
        each = copy_bank(template, tmp_path / str(number))
        paths = [write_csv(tmp_path / f"{number}-{place}.csv", [claim]) for place, claim in enumerate(order)]
        each.ingest(*paths)
        each.aggregate()
        assert each.query("SELECT reason, count(*) FROM raw.rejected GROUP BY ALL") == [
            ("duplicate_id_with_other_content", 2)
        ]
        ledger(each)
        found = each.transactions() + each.monthly() + each.periods()
        expected = expected or found
        assert found == expected
    done = bank.ingest(write_csv(tmp_path / "one.csv", [late, early, same, same]))
    assert (done.accepted, done.rejected, done.duplicate) == (1, 3, 0)
    assert [str(each[2]) for each in bank.transactions()] == ["2024-03-04"]
    assert [number for number, *_ in bank.rejected()] == [1, 3, 4]


def test_a_conflict_that_is_withdrawn_leaves_no_trace(bank: Bank, tmp_path: Path) -> None:
    holder = write_csv(tmp_path / "a.csv", [row(1, booked_at="2024-03-01")])
    other = write_csv(tmp_path / "b.csv", [row(1), row(2)])
    bank.ingest(holder, other)
    assert [reason for _, reason, _ in bank.rejected()] == ["duplicate_id_with_other_content"]
    write_csv(holder, [row(5)])
    bank.ingest(holder)
    assert (ids(bank), bank.rejected()) == (["t1", "t2", "t5"], [])
    ledger(bank)


def test_runs_at_once_load_a_file_once(bank: Bank, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [row(number) for number in range(50)])
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _: bank.ingest(path), range(2)))
    assert sorted(each.accepted for each in done) == [0, 50]
    assert bank.query("SELECT count(*), count(DISTINCT transaction_id) FROM raw.transactions") == [(50, 50)]


def test_another_contract_reads_the_same_bytes_anew(bank: Bank, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [row(1, amount="5")])
    bank.ingest(path)
    turned = bank.under(write_reference(tmp_path / "r", money_out="negative"))
    assert turned.ingest(path).accepted == 1
    assert [str(each[3]) for each in bank.transactions()] == ["-5.00"]


def test_another_mapping_moves_rows_and_refreshes_their_months(bank: Bank, tmp_path: Path) -> None:
    rows = [row(1), row(2, source_code="NEW"), row(3, source_code="TRIP", booked_at="2024-01-05")]
    bank.ingest(write_csv(tmp_path / "a.csv", rows))
    bank.aggregate()
    codes = {"FOOD": ("vets", "spend"), "NEW": ("", "income"), "TRIP": ("travel", "spend")}
    changed = bank.under(write_reference(tmp_path / "r", codes=codes))
    assert bank.query("SELECT DISTINCT month::VARCHAR FROM raw.stale_months") == [("2024-03-01",)]
    assert [(each[6], each[7]) for each in bank.transactions()] == [("spend", 2), ("income", None), ("spend", 1)]
    assert bank.query("SELECT rows_unclassified FROM raw.loads") == [(0,)]
    assert changed.ingest(tmp_path / "a.csv").unchanged == 1
    changed.aggregate()
    assert [(str(month), c) for _, month, c, *_ in bank.monthly()] == [("2024-01-01", 1), ("2024-03-01", 2)]
    assert {each[6] for each in bank.periods()} == {1, 2}


def test_another_reference_set_needs_another_home(bank: Bank, tmp_path: Path) -> None:
    with pytest.raises(MicrosegError, match=r"^this warehouse holds the reference set 'tiny': point MICROSEG_HOME"):
        bank.under(write_reference(tmp_path / "r", name="other"))
    assert bank.query("SELECT reference FROM ref.sets") == [("tiny",)]
