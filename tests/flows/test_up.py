"""`microseg up` as a person meets it: the UI in a browser, a dry run, a real run, and Ctrl-C."""

import signal
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import psutil
import pytest

from flows.processes import descendants
from tests.flows.banks import Bank, copy_bank
from tests.flows.browser import CHROMIUM, open_form, open_page, read_artifact, submit_backfill
from tests.flows.served import Served, served
from tests.support.once import copy_prefect

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(2400),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no chromium at /usr/bin/chromium"),
]
START, END = date(2025, 7, 1), date(2025, 9, 30)
FIELDS = (
    "First day of the range.",
    "Last day of the range, included.",
    "One date per month (its last day), per week (Sunday) or per day.",
    "recompute: periods, features and segments.",
    "Only show what would be rebuilt and how much data there is.",
    "Only dates whose last backfill did not succeed.",
    "How many dates to rebuild at the same time",
)


@pytest.fixture(scope="module")
def up(template: Bank, prefect_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    bank = copy_bank(template, tmp_path_factory.mktemp("up") / "bank")
    copy_prefect(prefect_home, bank.root / "home" / "prefect")
    with served(bank) as running:
        yield running


def test_backfill_from_the_form(up: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    bank, address = up.bank, up.address
    bank.enter(monkeypatch)
    with open_page() as page:
        # Any other address would be looked for on the reader's own machine.
        assert page.request.get(f"{address}/ui-settings").json()["api_url"] == "/api"
        form = open_form(page, address, "backfill")
        assert [field for field in FIELDS if field not in form] == []
        submit_backfill(page, address, START, END, for_real=False, shot="dry-run")
        assert "2025-08-31" in read_artifact(page, address, "backfill-preview")
        assert bank.rows("FROM ops.backfill") == []
        # Another last day gives the run another name; the dates are the same three ends of months.
        submit_backfill(page, address, START, date(2025, 10, 1), for_real=True, shot="real-run")
        assert "succeeded" in read_artifact(page, address, "backfill-result")
    found = bank.rows("SELECT as_of, status FROM ops.backfill ORDER BY as_of")
    assert found == [(date(2025, month, day), "succeeded") for month, day in ((7, 31), (8, 31), (9, 30))]
    assert bank.value("SELECT max(as_of) FROM segments.current") == date(2025, 10, 31)


def test_a_failed_run_reaches_both_receivers(up: Served) -> None:
    run = up.start("backfill", start="2025-09-30", end="2025-07-01")
    subject = "microseg: A run failed or crashed."
    alarm = up.receiver.await_alarms({subject: run}, seconds=600)[subject]
    assert "backfill" in alarm["body"]
    assert "choose a longer range" in alarm["body"]
    mail = up.mailbox.await_mail(subject, seconds=300)
    assert mail["To"] == "night@bank.example"
    assert "choose a longer range" in str(mail.get_body())


def test_ctrl_c_stops_all_of_it(up: Served) -> None:
    below = descendants(up.process.pid)
    assert len(below) >= 2  # the server and the worker
    up.process.send_signal(signal.SIGINT)
    assert up.process.wait(100) == 0
    assert psutil.wait_procs(below, 10)[1] == []
