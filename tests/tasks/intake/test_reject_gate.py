"""A source with too many rejects is held back as a whole; the others load on."""

from dataclasses import replace
from pathlib import Path

import pytest

from tasks.intake.gate import check_reject_rate
from tasks.intake.ingest import Ingested
from tasks.intake.quarantine import write_rejects
from tasks.intake.replay import replay
from tests.tasks.builders import Bank, row, write_csv, write_reference
from warehouse.errors import RejectRateError

pytestmark = pytest.mark.warehouse
BAD = [row(1, customer_id="bert"), row(2, amount="?", customer_id="carl"), row(1, customer_id="bert")]


def limited(bank: Bank, rate: float) -> Bank:
    return replace(bank, settings=bank.settings.model_copy(update={"max_reject_rate": rate}))


@pytest.fixture
def strict(bank: Bank) -> Bank:
    return limited(bank, 0.01)


def statuses(bank: Bank) -> list[tuple[str, str]]:
    return bank.query("SELECT parse_filename(source), status FROM raw.loads ORDER BY ALL")


def ids(bank: Bank) -> list[str]:
    return [each[0] for each in bank.transactions()]


def test_nothing_good_at_all_stops_and_names_the_top_reasons(strict: Bank, tmp_path: Path) -> None:
    good = [row(number) for number in range(90)]
    bad = [row(number, amount="1,5") for number in range(90, 97)] + [row(97, booked_at=""), row(98, customer_id="")]
    path = write_csv(tmp_path / "a.csv", [*good, *[each | {"amount": '"1,5"'} for each in bad[:7]], *bad[7:]])
    assert strict.ingest(path) == Ingested(sources=1, held=1)
    with pytest.raises(RejectRateError) as caught:
        check_reject_rate(strict.settings)
    assert str(caught.value) == (
        f"9 of 99 rows (9.1%) were rejected, above the limit of 1.0%: 7 x unparsable_amount (column amount, first: "
        f"{path} row 91; check [amount] decimal in source.toml); 1 x missing_customer_id (column customer_id, first: "
        f"{path} row 99); 1 x missing_date (column booked_at, first: {path} row 98). Nothing was published; have the "
        "files corrected and run again, or raise MICROSEG_MAX_REJECT_RATE"
    )
    write_csv(path, good)  # the corrected file takes the place of the held one
    assert strict.ingest(path).accepted == 90
    assert check_reject_rate(strict.settings) == []
    assert strict.rejected() == []
    assert statuses(strict) == [("a.csv", "pending"), ("a.csv", "replaced")]


def test_a_held_load_leaves_nothing_but_its_line_and_its_quarantine(strict: Bank, tmp_path: Path) -> None:
    good = write_csv(tmp_path / "good.csv", [row(8), row(9)])
    bad = write_csv(tmp_path / "bad.csv", BAD)
    done = strict.ingest(bad, good)
    assert (done.sources, done.held, done.accepted, done.read) == (2, 1, 2, 2)
    [told] = check_reject_rate(strict.settings)
    assert told.startswith("1 of 3 rows (33.3%) were rejected, above the limit of 1.0%: 1 x unparsable_amount")
    strict.aggregate()
    assert statuses(strict) == [("bad.csv", "held"), ("good.csv", "published")]
    assert strict.query("SELECT customer_id FROM raw.customers") == [("anna",)]
    assert strict.query("SELECT count(*) FROM raw.duplicates") == [(0,)]
    assert strict.rejected() == [(2, "unparsable_amount", "amount")]
    assert strict.query(
        "SELECT rows_read, rows_accepted, rows_rejected, rows_duplicate, months_touched FROM raw.loads "
        "WHERE status = 'held'"
    ) == [(3, 1, 1, 1, [])]
    assert len(strict.monthly()) == 1


def test_a_bad_version_leaves_the_good_one_in_force(strict: Bank, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [row(8), row(9)])
    strict.ingest(path)
    strict.aggregate()
    before = (strict.transactions(), strict.monthly())
    write_csv(path, BAD)
    assert strict.ingest(path).held == 1
    strict.aggregate()
    assert (strict.transactions(), strict.monthly()) == before
    assert statuses(strict) == [("a.csv", "held"), ("a.csv", "published")]
    write_csv(path, [row(8), row(9)])  # the version that is in force is back in its place
    assert strict.ingest(path).unchanged == 1
    assert (statuses(strict), strict.rejected()) == ([("a.csv", "published"), ("a.csv", "replaced")], [])


def test_a_held_version_is_tried_again_only_when_it_could_pass(strict: Bank, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", BAD)
    strict.ingest(path)
    before = strict.snapshots()
    assert strict.ingest(path) == Ingested(sources=1, held=1)
    assert strict.snapshots() == before
    wider = limited(strict, 0.5)
    assert wider.ingest(path).accepted == 1
    assert statuses(strict) == [("a.csv", "pending")]
    assert strict.rejected() == [(2, "unparsable_amount", "amount")]
    assert strict.ingest(path).unchanged == 1  # what is in stays in, whatever the limit is later


def test_another_contract_lets_a_held_file_in(strict: Bank, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [row(1, booked_at="05|Mar|2024"), row(2)])
    strict.ingest(path)
    assert (
        "first: " + str(path) + " row 1 looks like 99|AAA|9999; check [date] formats"
        in strict.query("SELECT reason FROM raw.loads")[0][0]
    )
    corrected = strict.under(write_reference(tmp_path / "r", formats='["%d|%b|%Y"]'))
    assert corrected.ingest(path).accepted == 2
    assert (statuses(strict), strict.rejected()) == ([("a.csv", "pending"), ("a.csv", "replaced")], [])


def test_a_held_file_that_is_gone_is_withdrawn_and_judged_again_when_it_is_back(strict: Bank, tmp_path: Path) -> None:
    good, bad = write_csv(tmp_path / "good.csv", [row(9)]), write_csv(tmp_path / "bad.csv", BAD)
    strict.ingest(tmp_path / "*.csv")
    bad.unlink()
    strict.ingest(tmp_path / "*.csv")
    assert statuses(strict) == [("bad.csv", "withdrawn"), ("good.csv", "pending")]
    assert (strict.rejected(), check_reject_rate(strict.settings)) == ([], [])
    write_csv(bad, BAD)
    assert strict.ingest(good, bad).held == 1
    assert statuses(strict) == [("bad.csv", "held"), ("good.csv", "pending")]


def test_a_run_of_another_feed_leaves_what_is_held(strict: Bank, tmp_path: Path) -> None:
    good, bad = write_csv(tmp_path / "good.csv", [row(9)]), write_csv(tmp_path / "bad.csv", BAD)
    strict.ingest(bad, good)
    strict.ingest(good)  # `microseg run --source good.csv`, by hand
    assert statuses(strict) == [("bad.csv", "held"), ("good.csv", "pending")]
    bad.unlink()
    strict.ingest(tmp_path / "*.csv")
    assert statuses(strict) == [("bad.csv", "held"), ("good.csv", "pending")]


def test_ids_that_others_hold_count_as_rejects_and_are_tried_again(strict: Bank, tmp_path: Path) -> None:
    first = write_csv(tmp_path / "a.csv", [row(n) for n in range(3)])
    again = write_csv(tmp_path / "b.csv", [row(n, amount="99") for n in range(3)])
    strict.ingest(first)
    assert strict.ingest(again).held == 1
    assert [reason for _, reason, _ in strict.rejected()] == ["duplicate_id_with_other_content"] * 3
    other = write_csv(tmp_path / "c.csv", [row(1)])
    strict.ingest(other, again)  # the ids are settled anew: what is held stays in the quarantine
    assert len(strict.rejected()) == 3
    write_csv(first, [])
    write_csv(other, [])
    strict.ingest(first, other, again)
    assert strict.ingest(again).held == 0
    assert ids(strict) == ["t0", "t1", "t2"]


def test_old_rejects_do_not_hold_new_loads(bank: Bank, tmp_path: Path) -> None:
    bank.ingest(write_csv(tmp_path / "a.csv", [row(1, amount="?")]))
    bank.aggregate()  # let through once, by a raised limit
    strict = limited(bank, 0.01)
    assert strict.ingest(write_csv(tmp_path / "b.csv", [row(number) for number in range(2, 5)])).accepted == 3
    assert check_reject_rate(strict.settings) == []


def test_rejects_of_a_held_load_can_be_looked_at_and_are_not_replayed(strict: Bank, tmp_path: Path) -> None:
    strict.ingest(write_csv(tmp_path / "a.csv", BAD))
    out, contract = tmp_path / "out.csv", strict.reference.source
    assert write_rejects(strict.settings, contract, out) == 0
    [(load_id,)] = strict.query("SELECT load_id FROM raw.loads")
    assert write_rejects(strict.settings, contract, out, load_id=load_id) == 1
    out.write_text(out.read_text().replace("?", "5"))
    assert replay(strict.context(), out).accepted == 0
    assert strict.transactions() == []


def test_what_an_earlier_version_let_in_before_its_gate_is_judged(bank: Bank, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", BAD)
    good = write_csv(tmp_path / "b.csv", [row(9)])
    bank.ingest(path, good)  # as it was: in raw.transactions, and pending
    bank.execute("UPDATE raw.loads SET reason = 'not judged'")
    strict = limited(bank, 0.01)
    assert strict.ingest(path, good).held == 1
    assert (ids(strict), statuses(strict)) == (["t9"], [("a.csv", "held"), ("b.csv", "pending")])
