"""A load that is withdrawn is as if it had never come; the ledger keeps its line."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.engine import validate
from expectations.raw_transactions import suite
from tasks.intake.quarantine import dismiss_rejects, write_rejects
from tasks.intake.replay import replay
from tasks.intake.withdraw import Withdrawal, undo_withdrawal
from tasks.intake.withdraw import withdraw as take_away
from tests.tasks.builders import TODAY, Bank, copy_bank, row, write_csv
from tests.tasks.intake.test_ingest_properties import content, source_rows
from warehouse.errors import MicrosegError

pytestmark = pytest.mark.warehouse


def load_of(bank: Bank, path: Path | str, status: str = "") -> str:
    where = f"source = '{path}' OR starts_with(source, '{path}')"
    found = bank.query(f"SELECT load_id FROM raw.loads WHERE ({where}) AND status LIKE '{status or '%'}'")
    assert len(found) == 1
    return str(found[0][0])


def withdraw(bank: Bank, load_id: str) -> Withdrawal:
    return take_away(bank.settings, bank.reference.source, load_id, "test file", "anna")


def ids(bank: Bank) -> list[str]:
    return [each[0] for each in bank.transactions()]


def known(bank: Bank) -> list[tuple[str, str | None]]:
    return bank.query("SELECT customer_id, first_seen::VARCHAR FROM raw.customers ORDER BY ALL")


def correct(bank: Bank, path: Path, old: str, new: str) -> Path:
    write_rejects(bank.settings, bank.reference.source, path)
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    return path


def check_ledger(bank: Bank) -> None:
    """The counts of the ledger add up, and are those of the tables."""
    assert bank.query("SELECT * FROM raw.loads WHERE rows_read != rows_accepted + rows_rejected + rows_duplicate") == []
    counted = bank.query(
        "SELECT load_id, count(*) FILTER (o = 'a'), count(*) FILTER (o = 'r'), count(*) FILTER (o = 'd') FROM ("
        "SELECT load_id, 'a' AS o FROM raw.transactions UNION ALL SELECT load_id, 'r' FROM raw.rejected "
        "UNION ALL SELECT load_id, 'd' FROM raw.duplicates WHERE NOT conflict) GROUP BY load_id ORDER BY ALL"
    )
    assert counted == bank.query(
        "SELECT load_id, rows_accepted, rows_rejected, rows_duplicate FROM raw.loads_in_force "
        "WHERE rows_read > 0 ORDER BY ALL"
    )


def test_the_line_stays_and_all_else_goes(bank: Bank, tmp_path: Path) -> None:
    kept = write_csv(tmp_path / "a.csv", [row(1, booked_at="2024-03-07")])
    gone = write_csv(
        tmp_path / "b.csv",
        [
            row(1, booked_at="2024-03-01"),  # takes t1 from the other file
            row(2, booked_at="2024-01-09"),
            row(3, customer_id="bert"),
            row(4, amount="?"),
        ],
    )
    bank.ingest(kept, gone)
    bank.aggregate()
    assert known(bank) == [("anna", "2024-01-09"), ("bert", "2024-03-05")]
    done = withdraw(bank, load_of(bank, gone))
    assert (done.line.rows_accepted, done.months, done.waiting, done.replays) == (3, 2, 0, ())
    assert (ids(bank), bank.rejected()) == (["t1"], [])
    assert known(bank) == [("anna", "2024-03-07"), ("bert", None)]
    assert bank.query(
        "SELECT rows_read, rows_accepted, rows_rejected, rows_duplicate, reason, withdrawn_by, withdrawn_at > "
        "finished_at FROM raw.loads WHERE status = 'withdrawn'"
    ) == [(4, 3, 1, 0, "test file", "anna", True)]
    check_ledger(bank)
    bank.aggregate()
    assert [(str(month), str(amount)) for _, month, _, amount, _ in bank.monthly()] == [("2024-03-01", "10.00")]
    verdict = validate(bank.settings, suite([], bank.reference.source.earliest, TODAY, 1e5), TODAY, "run")
    assert [outcome.line for outcome in verdict.outcomes if outcome.outcome != "passed"] == []


def test_a_withdrawn_version_stays_out_until_its_content_changes_or_it_may_come_back(
    bank: Bank, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "a.csv", [row(1)])
    bank.ingest(path)
    load_id = load_of(bank, path)
    withdraw(bank, load_id)
    done = bank.ingest(path)
    assert (done.withdrawn, done.unchanged, ids(bank)) == (1, 0, [])
    assert undo_withdrawal(bank.settings, load_id).load_id == load_id
    assert (bank.ingest(path).accepted, ids(bank)) == (1, ["t1"])
    assert bank.query("SELECT status, reason FROM raw.loads") == [("pending", None)]
    withdraw(bank, load_id)
    write_csv(path, [row(1), row(2)])
    assert (bank.ingest(path).accepted, ids(bank)) == (2, ["t1", "t2"])
    assert known(bank) == [("anna", "2024-03-05")]


def test_withdrawn_or_let_back_a_second_time_it_stays_as_it_is(bank: Bank, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [row(1)])
    bank.ingest(path)
    load_id = load_of(bank, path)
    withdraw(bank, load_id)
    before = bank.query("FROM raw.loads")
    assert withdraw(bank, load_id).line.status == "withdrawn"
    assert bank.query("FROM raw.loads") == before
    for _ in range(2):
        assert undo_withdrawal(bank.settings, load_id).load_id == load_id
        assert bank.query("SELECT status, reason FROM raw.loads") == [("replaced", "withdrawal undone")]
    assert bank.ingest(path).accepted == 1


def test_what_cannot_be_withdrawn_is_one_line(bank: Bank, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [row(1)])
    with pytest.raises(MicrosegError, match=r"^there is no load 12: nothing has been loaded yet$"):
        withdraw(bank, "12")
    bank.ingest(path)
    load_id = load_of(bank, path)
    for meant in (load_id[:6], "nonsense"):
        with pytest.raises(
            MicrosegError, match=rf"^there is no load {meant}: did you mean {load_id} \(a.csv, pending\)\?$"
        ):
            withdraw(bank, meant)
    with pytest.raises(MicrosegError, match=rf"^load {load_id} \(a.csv\) is not withdrawn but pending$"):
        undo_withdrawal(bank.settings, load_id)
    withdraw(bank, load_id)
    write_csv(path, [row(2)])
    bank.ingest(path)
    write_csv(path, [row(3)])
    bank.ingest(path)
    with pytest.raises(MicrosegError, match=r"was replaced by a newer version of its source"):
        withdraw(bank, load_of(bank, path, "replaced"))


def test_a_withdrawn_replay_lets_its_rejects_wait_again(bank: Bank, tmp_path: Path) -> None:
    source = write_csv(tmp_path / "a.csv", [row(1), row(2, amount="?"), row(1, amount="99")])
    bank.ingest(source)
    corrected = correct(bank, tmp_path / "r.csv", ",?,", ",5,")
    corrected.write_text(corrected.read_text().replace("t1,anna,2024-03-05,99", "t1b,anna,2024-03-05,99"))
    assert replay(bank.context(), corrected).accepted == 2
    assert ids(bank) == ["t1", "t1b", "t2"]
    replayed = load_of(bank, "replay:")
    check_ledger(bank)
    done = withdraw(bank, replayed)
    assert (done.waiting, ids(bank)) == (2, ["t1"])
    assert bank.query("SELECT row_number, reason FROM raw.rejects_waiting ORDER BY ALL") == [
        (2, "unparsable_amount"),
        (3, "duplicate_id_with_other_content"),
    ]
    check_ledger(bank)
    with pytest.raises(MicrosegError, match="was a replay: its rejects are waiting again"):
        undo_withdrawal(bank.settings, replayed)
    bank.ingest(write_csv(tmp_path / "b.csv", [row(1)]))  # the id is settled anew
    check_ledger(bank)
    assert replay(bank.context(), corrected).accepted == 2  # and once more
    assert ids(bank) == ["t1", "t1b", "t2"]
    assert withdraw(bank, load_of(bank, source)).replays == (load_of(bank, "replay:", "pending"),)
    assert ids(bank) == ["t1", "t1b", "t2"]  # t1 of the other file; what was corrected stays
    check_ledger(bank)


def test_dismissed_rejects_wait_no_more(bank: Bank, tmp_path: Path) -> None:
    source = write_csv(tmp_path / "a.csv", [row(1), row(1, amount="99"), row(2, amount="?"), row(3, booked_at="?")])
    bank.ingest(source)
    assert dismiss_rejects(bank.settings, reason="unparsable_date") == 1
    assert dismiss_rejects(bank.settings, load_id="other") == 0
    assert dismiss_rejects(bank.settings, load_id=load_of(bank, source)) == 2
    assert dismiss_rejects(bank.settings) == 0
    assert bank.query("SELECT * FROM raw.rejects_waiting") == []
    assert write_rejects(bank.settings, bank.reference.source, tmp_path / "r.csv") == 0
    assert replay(bank.context(), None).read == 0
    bank.ingest(write_csv(tmp_path / "b.csv", [row(1)]))  # the id is settled anew: what is dismissed stays so
    assert bank.query("SELECT * FROM raw.rejects_waiting") == []
    check_ledger(bank)


def test_a_replaced_version_leaves_nobody_known_by_it_alone(bank: Bank, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [row(1, booked_at="2024-01-01"), row(2, customer_id="bert")])
    bank.ingest(path, write_csv(tmp_path / "b.csv", [row(9, booked_at="2024-02-02")]))
    write_csv(path, [row(1)])
    bank.ingest(path)
    assert known(bank) == [("anna", "2024-02-02"), ("bert", None)]
    write_csv(path, [row(1), row(3, customer_id="bert", booked_at="2024-05-05")])
    bank.ingest(path)
    assert known(bank) == [("anna", "2024-02-02"), ("bert", "2024-05-05")]


@settings(max_examples=3, deadline=None)
@given(first=st.lists(source_rows, max_size=8), second=st.lists(source_rows, max_size=8), turned=st.booleans())
def test_withdrawn_is_as_if_never_loaded_and_undone_as_if_never_withdrawn(
    template: Bank, first: list[dict[str, object]], second: list[dict[str, object]], turned: bool
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        kept, gone = write_csv(folder / "a.csv", first), write_csv(folder / "b.csv", second)
        alone, both = copy_bank(template, folder / "alone"), copy_bank(template, folder / "both")
        alone.ingest(kept)
        alone.aggregate()
        both.ingest(*([gone, kept] if turned else [kept, gone]))
        both.aggregate()
        whole = content(both)
        load_id = load_of(both, gone)
        withdraw(both, load_id)
        both.aggregate()
        assert content(both) == content(alone)
        check_ledger(both)
        undo_withdrawal(both.settings, load_id)
        both.ingest(kept, gone)
        both.aggregate()
        assert content(both) == whole
        check_ledger(both)
