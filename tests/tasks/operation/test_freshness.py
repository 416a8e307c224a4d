"""A feed that falls silent closes the gate for real; what its message tells a person to do opens it again."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from expectations.engine import validate
from expectations.suite import Suite
from expectations.verdict import Verdict
from tasks.intake.quarantine import write_rejects
from tasks.intake.replay import replay
from tasks.operation.freshness import Feed, feeds_table, pass_freshness, read_feeds
from tests.tasks.builders import Bank, row, write_csv
from warehouse.connection import connect
from warehouse.errors import GateError
from warehouse.settings import Settings

pytestmark = pytest.mark.warehouse
LAST = date(2024, 5, 31)  # a Friday
CUSTOMERS = ("anna", "bert", "cleo", "dora")


def deliver(path: Path, days: Iterable[date], prefix: str = "", each: int = 4) -> Path:
    """Write a file with some rows on every day."""
    rows = [
        row(f"{prefix}{day:%y%m%d}-{n}", booked_at=str(day), customer_id=CUSTOMERS[n % len(CUSTOMERS)])
        for day in days
        for n in range(each)
    ]
    return write_csv(path, rows)


def ending(last: date, count: int = 80) -> list[date]:
    return [last - timedelta(days=ago) for ago in reversed(range(count))]


def fed(bank: Bank, *entries: Path | str, **settings: object) -> Bank:
    """The bank under another MICROSEG_SOURCE, or other settings."""
    source = ";".join(str(entry) for entry in entries)
    return replace(bank, settings=bank.settings.model_copy(update={"source": source, **settings}))


def night(bank: Bank, as_of: date) -> list[Feed]:
    bank.ingest(*bank.settings.source.split(";"))
    return pass_freshness(bank.settings, as_of, "run")


def feeds(bank: Bank, as_of: date) -> list[Feed]:
    with connect(bank.settings, read_only=True) as connection:
        return read_feeds(connection, bank.settings, as_of)


def test_files_of_one_entry_are_one_feed(bank: Bank, tmp_path: Path) -> None:
    days = ending(LAST)
    deliver(tmp_path / "2024-a.csv", days[:50])
    deliver(tmp_path / "2024-b.csv", days[50:])
    bank = fed(bank, tmp_path / "*.csv")
    expected = Feed(f"{tmp_path}/*.csv", LAST, 1, "fresh", 0, "")
    assert night(bank, LAST + timedelta(days=1)) == [expected]
    verdicts = (
        "SELECT expectation, severity, outcome FROM ops.validations WHERE suite = 'freshness' AND column_name = ''"
    )
    assert set(bank.query(verdicts.replace(" AND column_name = ''", ""))) >= {
        ("alive", "critical", "passed"),
        ("delivers", "warning", "passed"),
        ("usual_volume", "warning", "passed"),
    }
    assert bank.query("SELECT feed, as_of, silent_days FROM ops.freshness") == [(expected.name, date(2024, 6, 1), 1)]


@pytest.mark.parametrize(("silent", "level"), [(1, "fresh"), (2, "warning"), (3, "warning"), (4, "critical")])
def test_first_a_warning_then_the_gate_closes(bank: Bank, tmp_path: Path, silent: int, level: str) -> None:
    bank = fed(bank, deliver(tmp_path / "a.csv", ending(LAST)))
    as_of = LAST + timedelta(days=silent)
    if level == "critical":
        with pytest.raises(GateError, match="4 days without the usual rows"):
            night(bank, as_of)
    else:
        (feed,) = night(bank, as_of)
        assert (feed.level, feed.silent_days) == (level, silent)
    verdict = "SELECT outcome FROM ops.validations WHERE expectation = '{}'"
    assert bank.query(verdict.format("alive")) == [("failed" if level == "critical" else "passed",)]
    assert bank.query(verdict.format("delivers")) == [("failed" if level == "warning" else "passed",)]


def closed_bank(bank: Bank, folder: Path) -> tuple[Bank, date]:
    """Of two feeds one has been dead for eleven months."""
    old, new = (
        deliver(folder / "old.csv", ending(date(2023, 7, 1)), "o"),
        deliver(folder / "new.csv", ending(LAST), "n"),
    )
    return fed(bank, old, new), LAST + timedelta(days=1)


def test_the_message_says_what_is_wrong_and_what_to_do(bank: Bank, tmp_path: Path) -> None:
    bank, as_of = closed_bank(bank, tmp_path)
    with pytest.raises(GateError) as caught:
        night(bank, as_of)
    assert str(caught.value) == (
        "gate freshness is closed, nothing was published: on 2024-06-01, 1 of 2 feeds had been silent for more than 3 "
        f"days (MICROSEG_MAX_SILENCE_DAYS):\n  {tmp_path}/old.csv: newest booking 2023-07-01, 336 days without the "
        "usual rows\nHave the rows delivered and run again. If a feed has ended for good, take it out of "
        "MICROSEG_SOURCE; if it is delivered less often, raise MICROSEG_MAX_SILENCE_DAYS to the days between two "
        "deliveries."
    )
    assert [cells[3] for cells in feeds_table(feeds(bank, as_of)).rows] == ["critical", "fresh"]


def test_taking_a_dead_feed_out_opens_the_gate(bank: Bank, tmp_path: Path) -> None:
    bank, as_of = closed_bank(bank, tmp_path)
    with pytest.raises(GateError):
        night(bank, as_of)
    assert [feed.level for feed in night(fed(bank, tmp_path / "new.csv"), as_of)] == ["fresh"]


def test_a_higher_limit_opens_the_gate(bank: Bank, tmp_path: Path) -> None:
    bank, as_of = closed_bank(bank, tmp_path)
    higher = fed(bank, *bank.settings.source.split(";"), max_silence_days=336)
    assert [feed.level for feed in night(higher, as_of)] == ["warning", "fresh"]


def test_delivery_opens_the_gate(bank: Bank, tmp_path: Path) -> None:
    bank, as_of = closed_bank(bank, tmp_path)
    deliver(tmp_path / "old.csv", ending(LAST, 400), "o")
    assert [feed.level for feed in night(bank, as_of)] == ["fresh", "fresh"]


def test_a_date_is_judged_on_the_rows_up_to_it(bank: Bank, tmp_path: Path) -> None:
    bank, _ = closed_bank(bank, tmp_path)
    bank.ingest(*bank.settings.source.split(";"))
    past = date(2023, 7, 2)
    assert [(feed.level, feed.newest_booking) for feed in pass_freshness(bank.settings, past, "backfill")] == [
        ("fresh", date(2023, 7, 1)),
        ("unjudged", None),
    ]
    with pytest.raises(GateError, match="newest booking 2024-05-31, 2041 days"):
        pass_freshness(fed(bank, tmp_path / "new.csv").settings, date(2030, 1, 1), "future")


def test_a_trickle_closes_the_gate_and_is_named_before(bank: Bank, tmp_path: Path) -> None:
    days = ending(LAST)
    deliver(tmp_path / "a.csv", days[:-4], each=16)
    deliver(tmp_path / "b.csv", days[-4:], "late", each=3)
    bank = fed(bank, tmp_path / "*.csv")
    (feed,) = night(bank, days[-3])
    assert (feed.level, feed.silent_days, feed.unusual_days) == ("warning", 2, 1)
    assert feed.remark == f"{days[-4]} has 3 rows of 3 customers, unusual for its weekday"
    with pytest.raises(GateError, match="newest booking 2024-05-31, 4 days without the usual rows"):
        night(bank, LAST)


def test_without_a_setting_the_feeds_of_the_newest_night_are_judged(bank: Bank, tmp_path: Path) -> None:
    bank, as_of = closed_bank(bank, tmp_path)
    with pytest.raises(GateError):
        night(bank, as_of)
    unset = fed(bank)
    assert feeds(unset, as_of) == []
    with connect(bank.settings) as connection:
        columns = "run_id, flow, as_of, status, started_at"
        connection.execute(f"INSERT INTO ops.runs ({columns}) VALUES ('run', 'nightly', $1, 'failed', now())", [as_of])
    assert {feed.name: feed.level for feed in feeds(unset, as_of)} == {
        f"{tmp_path}/old.csv": "critical",
        f"{tmp_path}/new.csv": "fresh",
    }


def test_loads_of_before_join_the_feed_that_names_their_files(bank: Bank, tmp_path: Path) -> None:
    path = deliver(tmp_path / "a.csv", ending(LAST))
    bank.ingest(path)
    with connect(bank.settings) as connection:
        connection.execute("UPDATE raw.loads SET feed = NULL")
    bank.ingest(tmp_path / "*.csv")
    assert bank.query("SELECT feed FROM raw.loads") == [(f"{tmp_path}/*.csv",)]
    before = bank.snapshots()
    bank.ingest(tmp_path / "*.csv")
    assert bank.snapshots() == before


def test_a_replay_belongs_to_the_feed_that_it_corrects(bank: Bank, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [row(1), row(2, amount="?")])
    bank.ingest(path)
    write_rejects(bank.settings, bank.reference.source, tmp_path / "corrected.txt")
    corrected = (tmp_path / "corrected.txt").read_text().replace("?", "7.00")
    (tmp_path / "corrected.txt").write_text(corrected)
    assert replay(bank.context(), tmp_path / "corrected.txt").accepted == 1
    bank.ingest(path)
    assert bank.query("SELECT DISTINCT feed FROM raw.loads") == [(str(path),)]


def test_of_a_database_the_ledger_keeps_no_password() -> None:
    from warehouse.sources.feeds import feed_of

    assert feed_of("postgres:host=db dbname=bank user=night password=secret") == "postgres:db:5432/bank"
    assert feed_of("postgresql://night:secret@db:5433/bank") == "postgres:db:5433/bank"


def test_feeds_that_stand_as_they_passed_are_not_asked_about_again_and_dead_ones_are(
    bank: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def noting(settings: Settings, suite: Suite, as_of: date, run_id: str) -> Verdict:
        asked.append(suite.name)
        return validate(settings, suite, as_of, run_id)

    monkeypatch.setattr("tasks.operation.freshness.validate", noting)
    deliver(tmp_path / "a.csv", ending(LAST))
    bank = fed(bank, tmp_path / "*.csv")
    assert night(bank, LAST) == night(bank, LAST)
    assert len(asked) == 1
    night(bank, LAST + timedelta(days=1))  # another date, another verdict
    night(fed(bank, tmp_path / "*.csv", max_silence_days=9), LAST)
    assert len(asked) == 3
    for _ in range(2):
        with pytest.raises(GateError, match="freshness is closed"):
            night(bank, LAST + timedelta(days=30))
    assert len(asked) == 5
