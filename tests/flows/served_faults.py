"""What a night goes through: silent, killed, without its server, stopped in the middle. One `microseg up` for all."""

import os
import signal
import sqlite3
from collections.abc import Iterator
from datetime import date
from time import monotonic

import pytest
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

from flows.nightly import nightly
from flows.processes import descendants
from flows.up import crash_leftovers
from tasks.operation.status import read_status
from tests.flows.alarms import beat, impatient, planned
from tests.flows.banks import Bank, copy_bank
from tests.flows.served import Served, served, wait_until
from warehouse.settings import Settings

pytestmark = [pytest.mark.flow, pytest.mark.timeout(900)]
FIRST, SECOND = date(2025, 11, 30), date(2025, 12, 31)
FAILED = "microseg: A run failed or crashed."
LATE = (
    "microseg: The nightly run did not complete by 6:00 UTC.",
    "microseg: A run has waited for 60 minutes: is a worker running, or is another run stuck?",
)
LAYERS = ("raw", "spend", "features", "segments", "models")


@pytest.fixture(scope="module")
def undisturbed(template: Bank, tmp_path_factory: pytest.TempPathFactory) -> dict[date, dict[str, object]]:
    """Tables after each of two nights that nothing happened to."""
    bank = copy_bank(template, tmp_path_factory.mktemp("undisturbed") / "bank")
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        bank.enter(patch)
        for night in (FIRST, SECOND):
            nightly(night)
            found[night] = bank.checksums(LAYERS)
    return found


@pytest.fixture(scope="module")
def up(
    template: Bank, undisturbed: dict[date, dict[str, object]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    bank = copy_bank(template, tmp_path_factory.mktemp("faults") / "bank")
    with served(bank) as running:
        yield running


@pytest.fixture(autouse=True)
def inside(up: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    up.bank.enter(monkeypatch)


def journal(bank: Bank) -> list[object]:
    return [status for (status,) in bank.rows("SELECT status FROM ops.runs WHERE as_of > '2025-10-31' ORDER BY rowid")]


def test_what_waits_or_falls_silent_is_told_of_and_a_silent_run_gives_its_slot(up: Served) -> None:
    dates = {"start": str(FIRST), "end": str(SECOND)}
    waiting = planned(up, "nightly")
    silent, next_one = (planned(up, "backfill", **dates) for _ in range(2))
    with impatient(up, seconds=10):
        assert [up.propose(run, "PENDING") for run in (waiting, silent)] == ["ACCEPT", "ACCEPT"]
        up.propose(silent, "RUNNING", force=True)  # before its time
        beat(up, silent)
        assert up.propose(next_one, "PENDING") != "ACCEPT"  # the only slot of its deployment is taken
        heard = up.receiver.await_alarms({FAILED: silent, **dict.fromkeys(LATE, waiting)}, seconds=240)
        up.await_state(silent, "Crashed", seconds=10)
    assert "No heartbeat for 90 seconds" in heard[FAILED]["body"]
    assert up.propose(next_one, "PENDING") == "ACCEPT"
    # What an earlier `microseg up` left behind would keep the pool's only slot: the next one begins with this.
    with temporary_settings({PREFECT_API_URL: f"{up.address}/api", PREFECT_API_AUTH_STRING: up.password}):
        assert len(crash_leftovers()) == 2
        assert crash_leftovers() == []
    assert [up.state(run) for run in (waiting, next_one)] == ["Crashed", "Crashed"]


def test_a_killed_night_is_told_of_and_gives_its_slot_to_the_next(up: Served) -> None:
    earlier = up.runs()
    killed = up.start("nightly", as_of=str(FIRST))
    up.await_work(earlier)
    waiting = up.start("nightly", as_of=str(FIRST))
    assert "failed runs" not in read_status(Settings()).headline
    os.kill(up.child("prefect.engine"), signal.SIGKILL)
    up.await_state(killed, "Crashed", seconds=30)
    assert "failed runs" in read_status(Settings()).headline  # at once, and no night had to pass
    heard = up.receiver.await_alarms({FAILED: killed})
    assert "SIGKILL" in heard[FAILED]["body"]
    assert f"{up.address}/v2/artifacts" in heard[FAILED]["body"]
    up.await_work(earlier + 1)
    assert journal(up.bank) == ["failed", "running"]
    assert up.state(waiting) == "Running"


def test_a_night_survives_its_server_and_of_two_at_once_the_second_waits(
    up: Served, undisturbed: dict[date, dict[str, object]]
) -> None:
    first = up.ask("flow_runs/filter", {"flow_runs": {"state": {"type": {"any_": ["RUNNING"]}}}})[0]["id"]
    second = up.start("nightly", as_of=str(FIRST))
    os.kill(up.child("server start"), signal.SIGKILL)
    assert up.process.stdout is not None
    assert up.process.stdout.readline() == "the server ended with code -9; starting it again ...\n"
    await_server(up)
    assert up.state(second) in {"Scheduled", "Late"}
    assert up.await_state(first, "Completed", "Failed", "Crashed") == "Completed"
    assert up.bank.checksums(LAYERS) == undisturbed[FIRST]
    assert up.await_state(second, "Completed", "Failed", "Crashed") == "Completed"
    assert up.bank.checksums(LAYERS) == undisturbed[FIRST]
    times = [up.ask(f"flow_runs/{run}") for run in (first, second)]
    assert times[0]["end_time"] < times[1]["start_time"]
    assert journal(up.bank) == ["failed", "succeeded", "succeeded"]


def await_server(up: Served) -> None:
    def answers() -> bool:
        try:
            return bool(up.ask("health"))
        except OSError:
            return False

    wait_until(answers, 120, lambda: "the server did not come back")


def test_stopped_in_the_middle_of_a_night_it_leaves_a_whole_warehouse(
    up: Served, undisturbed: dict[date, dict[str, object]]
) -> None:
    nightly(FIRST)  # nothing to do, unless this test is run alone
    earlier = up.runs()
    run = up.start("nightly", as_of=str(SECOND))
    up.await_work(earlier)
    group = descendants(up.process.pid)
    assert len(group) >= 3  # the server, the worker and the run
    began = monotonic()
    up.process.send_signal(signal.SIGTERM)
    assert up.process.wait(120) == 0
    assert monotonic() - began < 100
    assert [process.pid for process in group if process.is_running()] == []
    # Between two tasks Prefect takes the signal for an error of its own.
    assert state_on_record(up.bank, run) in {"Crashed", "Failed"}
    assert journal(up.bank)[-1] == "failed"
    nightly(SECOND)
    assert up.bank.checksums(LAYERS) == undisturbed[SECOND]
    assert journal(up.bank)[-1] == "succeeded"


def state_on_record(bank: Bank, run: str) -> str:
    """What Prefect's own database says of a run when its server is gone."""
    database = sqlite3.connect(f"file:{bank.root / 'home' / 'prefect' / 'prefect.db'}?mode=ro", uri=True)
    row = database.execute("SELECT state_name FROM flow_run WHERE id = ?", [run]).fetchone()
    database.close()
    return str(row[0])
