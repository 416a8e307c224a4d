"""What `microseg status` calls broken: each kind of fault is put into an empty warehouse, and only it is found."""

import re
from datetime import UTC, date, datetime

import pytest

from flows.cli import build_parser
from tasks.operation.backfill import dismiss
from tasks.operation.checks import CHECKS
from tasks.operation.journal import CANCELLED, Journal
from tasks.operation.status import last_due_night, ordered, read_status
from tasks.operation.windows import plan
from warehouse.connection import connect
from warehouse.errors import MicrosegError
from warehouse.settings import Settings

pytestmark = pytest.mark.warehouse
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
RUN = (
    "INSERT INTO ops.runs VALUES ('{id}', '{flow}', '{as_of}', '{status}', '{as_of} 02:15:00+00', {end}, NULL, '{why}')"
)
WINDOW = "INSERT INTO ops.backfill VALUES ('w', '2026-02-28', 'recompute', '{}', 0, '', '', now(), NULL, NULL)"


def run(name: str, as_of: str, status: str = "succeeded", flow: str = "nightly") -> str:
    return RUN.format(id=name, flow=flow, as_of=as_of, status=status, end=f"'{as_of} 03:00:00+00'", why="disk is full")


FEED = "INSERT INTO ops.freshness VALUES ('n', '{}', '/in/*.csv', '{}', {}, 'fresh', {}, '', now())"
FAULTS = {
    "failed_runs": [run("a", "2026-03-10"), run("b", "2026-03-10", "failed", "retrain")],
    "missing_nights": [run("a", "2026-03-08"), run("b", "2026-03-10")],
    "stale_months": ["INSERT INTO raw.stale_months VALUES ('2026-02-01', 'l')"],
    "held_loads": [
        "INSERT INTO raw.loads (load_id, source, rows_read, rows_accepted, rows_rejected, status, reason) "
        "VALUES ('l', '/in/a.csv', 10, 5, 5, 'held', '5 of 10 rows (50.0%) were rejected')"
    ],
    "failed_gates": [
        "INSERT INTO ops.validations VALUES ('r', '2026-03-10', 's', 't', 'e', 'c', 'critical', 'failed', '', 3, now())"
    ],
    "failed_windows": [WINDOW.format("failed")],
    "silent_feeds": [run("n", "2026-03-10"), FEED.format("2026-03-10", "2026-03-06", 4, 0)],
    "cancelled_runs": [run("b", "2026-03-10", "failed", "retrain").replace("disk is full", f"{CANCELLED} (Stop)")],
    "cancelled_windows": [
        run("w", "2026-03-10", "failed", "backfill").replace("disk is full", f"{CANCELLED} (Stop)"),
        run("v", "2026-03-10", "succeeded", "backfill"),
        WINDOW.format("requested"),
    ],
    "quiet_feeds": [run("n", "2026-03-10"), FEED.format("2026-03-10", "2026-03-09", 1, 1)],
    "critical_drift": ["INSERT INTO ops.drift VALUES ('r', '2026-03-10', 'm', 'coverage', -0.4, 'critical', now())"],
    "overdue_maintenance": [
        "INSERT INTO __ducklake_metadata_lake.ducklake_snapshot "
        "SELECT -i, now(), 0, 0, 0 FROM range(1, 2001) AS old (i)"
    ],
    "drift_warnings": ["INSERT INTO ops.drift VALUES ('r', '2026-03-10', 'm', 'coverage', -0.1, 'warning', now())"],
    "waiting_rejects": ["INSERT INTO raw.rejected (load_id, row_number, reason) VALUES ('l', 1, 'zero_amount')"],
    "waiting_challenger": [
        "INSERT INTO models.versions BY NAME SELECT 'm1' AS model_version, 'champion' AS alias, now()::DATE AS as_of",
        "INSERT INTO models.versions BY NAME SELECT 'm2' AS model_version, 'challenger' AS alias, now()::DATE AS as_of",
        "INSERT INTO models.promotions VALUES ('m2', 'm1', 'refused', '2026-03-07', 'worse', 'r', now())",
    ],
    "refused_candidates": [
        "INSERT INTO candidates.dates BY NAME "
        "SELECT DATE '2026-03-07' AS as_of, 'm' AS model_version, 'refused' AS state, 'segments: unique' AS reason"
    ],
}


def write(settings: Settings, statements: list[str]) -> None:
    with connect(settings) as connection:
        for statement in statements:
            connection.execute(statement)


def test_every_check_has_its_fault() -> None:
    assert set(FAULTS) == {check.name for check in CHECKS}


def test_in_an_empty_warehouse_nothing_is_found(lake: Settings) -> None:
    assert read_status(lake, NOW).findings == ()


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_a_fault_is_found_and_nothing_else(lake: Settings, name: str) -> None:
    write(lake, FAULTS[name])
    status = read_status(lake, NOW)
    assert [finding.check.name for finding in status.findings] == [name]
    assert status.healthy != next(check.broken for check in CHECKS if check.name == name)
    assert all(len(finding.table().rows) == len(finding.rows) for finding in ordered(status))


def test_a_later_success_heals(lake: Settings) -> None:
    write(lake, [run("a", "2026-03-09", "failed"), run("b", "2026-03-10"), WINDOW.format("failed")])
    assert not read_status(lake, NOW).healthy
    later = "INSERT INTO ops.backfill VALUES ('x', '{}', 'recompute', 'succeeded', 0, '', '', now(), NULL, NULL)"
    write(lake, [later.format("2026-02-28"), later.format("2026-03-09")])
    assert read_status(lake, NOW).healthy


def test_a_run_that_was_killed_is_broken_after_a_while(lake: Settings) -> None:
    write(lake, [run("a", "2026-03-10", "running")])
    early = datetime(2026, 3, 10, 4, tzinfo=UTC)
    assert read_status(lake, early).healthy
    assert "probably killed" in read_status(lake, NOW).findings[0].rows[0][1]


def test_dates_run_by_hand_raise_no_expectation(lake: Settings) -> None:
    hand = run("a", "2017-12-31").replace("'2017-12-31 02:15:00+00'", "'2026-03-01 02:15:00+00'")
    write(lake, [hand])
    assert read_status(lake, NOW).healthy


def test_no_warehouse_is_one_clear_line(settings: Settings) -> None:
    with pytest.raises(MicrosegError, match="no warehouse at"):
        read_status(settings)


@pytest.mark.parametrize(("hour", "day"), [(5, 9), (6, 10)])
def test_a_night_is_due_at_its_hour(hour: int, day: int) -> None:
    assert last_due_night(Settings(), datetime(2026, 3, 10, hour, 59 if hour == 5 else 0, tzinfo=UTC)) == date(
        2026, 3, day
    )


def test_a_failed_date_that_is_dismissed_is_broken_no_more(lake: Settings) -> None:
    day = date(2026, 2, 28)
    with pytest.raises(MicrosegError, match=r"^the newest backfill of 2026-02-28 did not fail; nor did any other"):
        dismiss(lake, day)
    write(lake, [WINDOW.format("succeeded").replace("'w'", "'earlier'").replace("now()", "now() - INTERVAL 1 DAY")])
    write(lake, [WINDOW.format("failed").replace("'', now()", "'no data', now()")])
    with pytest.raises(
        MicrosegError, match=r"^the newest backfill of 2026-02-27 did not fail; those that did: 2026-02"
    ):
        dismiss(lake, date(2026, 2, 27))
    assert dismiss(lake, day) == "failed: no data"
    assert read_status(lake, NOW).healthy
    assert plan(lake, [day], "failed", "recompute") == []
    with connect(lake, read_only=True) as connection:
        rows = connection.execute("SELECT run_id, status, message FROM ops.backfill ORDER BY run_id").fetchall()
    assert rows == [("earlier", "succeeded", ""), ("w", "dismissed", "no data")]


@pytest.mark.parametrize(
    ("day", "level"), [(11, []), (12, ["quiet_feeds"]), (13, ["quiet_feeds"]), (14, ["silent_feeds"])]
)
def test_a_feed_falls_silent_while_no_night_runs(lake: Settings, day: int, level: list[str]) -> None:
    write(lake, [run("n", "2026-03-10"), FEED.format("2026-03-10", "2026-03-10", 0, 0)])
    found = read_status(lake, datetime(2026, 3, day, 12, tzinfo=UTC)).findings
    assert [finding.check.name for finding in found if finding.check.name != "missing_nights"] == level


def test_feeds_of_dates_run_by_hand_raise_no_expectation(lake: Settings) -> None:
    hand = run("n", "2017-12-31").replace("'2017-12-31 02:15:00+00'", "'2026-03-01 02:15:00+00'")
    write(lake, [hand, FEED.format("2017-12-31", "2017-12-30", 1, 0)])
    assert read_status(lake, NOW).healthy


def test_a_cancelled_date_can_be_dismissed(lake: Settings) -> None:
    write(lake, FAULTS["cancelled_windows"])
    assert dismiss(lake, date(2026, 2, 28)) == "cancelled before it was rebuilt"
    assert read_status(lake, NOW).findings == ()


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_every_command_of_a_remedy_can_be_typed_as_it_stands(lake: Settings, name: str) -> None:
    write(lake, FAULTS[name])
    for finding in read_status(lake, NOW).findings:
        for command in re.findall(r"microseg [^;,]+", finding.remedy):
            words = command.split(" shows ")[0].split(" says ")[0].split(" moves ")[0].split()
            build_parser().parse_args(words[1:])


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("failed_runs", "then: microseg retrain --as-of 2026-03-10"),
        ("missing_nights", "microseg backfill 2026-03-09 2026-03-09 --every day --for-real"),
        ("failed_windows", "microseg backfill 2026-02-28 2026-02-28 --every day --which failed --for-real"),
        ("waiting_challenger", "microseg promote m2, or: microseg dismiss m2"),
    ],
)
def test_remedies_are_filled_in(lake: Settings, name: str, remedy: str) -> None:
    write(lake, FAULTS[name])
    assert remedy in read_status(lake, NOW).findings[0].remedy


@pytest.mark.parametrize(("hour", "missed"), [("02:15", ["2026-03-09", "2026-03-10"]), ("14:00", ["2026-03-10"])])
def test_an_installation_after_the_hour_has_missed_no_night(lake: Settings, hour: str, missed: list[str]) -> None:
    first = run("a", "2026-03-09", "failed").replace("2026-03-09 02:15", f"2026-03-09 {hour}")
    write(lake, [first])
    findings = {finding.check.name: finding for finding in read_status(lake, NOW).findings}
    assert [what for what, _ in findings["missing_nights"].rows] == missed
    same_day = datetime(2026, 3, 9, 15, tzinfo=UTC)
    names = [finding.check.name for finding in read_status(lake, same_day).findings]
    assert ("missing_nights" in names) == (hour == "02:15")


def test_times_are_those_of_the_zone(lake: Settings) -> None:
    zoned = lake.model_copy(update={"timezone": "Europe/Zurich"})
    write(lake, [run("a", "2026-03-10"), *FAULTS["failed_runs"][1:]])
    status = read_status(zoned, NOW)
    assert "last nightly run that succeeded: 2026-03-10 04:00 Europe/Zurich" in status.facts
    assert status.findings[0].rows[0][1].startswith("failed 2026-03-10 04:00")


class TerminationSignal(BaseException):
    """As Prefect raises it when a run is cancelled."""


@pytest.mark.parametrize(
    ("error", "check"),
    [
        (KeyboardInterrupt, "cancelled_runs"),
        (TerminationSignal, "cancelled_runs"),
        (SystemExit, "failed_runs"),
        (ValueError, "failed_runs"),
    ],
)
def test_a_run_that_is_stopped_by_hand_is_cancelled_and_one_that_ends_by_itself_failed(
    lake: Settings, error: type[BaseException], check: str
) -> None:
    with pytest.raises(BaseException), Journal(lake, "retrain", date(2026, 3, 10)):  # noqa: B017, PT011
        raise error
    assert [finding.check.name for finding in read_status(lake).findings] == [check]
