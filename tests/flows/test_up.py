"""`microseg up` as a person meets it: the UI in a browser, a dry run, a real run, and Ctrl-C."""

import json
import signal
import stat
from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psutil
import pytest

from flows.access import password_file
from flows.processes import descendants
from tests.flows.banks import Bank, copy_bank
from tests.flows.browser import CHROMIUM, log_in, open_form, open_page, read_artifact, submit_backfill
from tests.flows.served import Served, command_line, served
from tests.support.modes import readable_by_others
from tests.support.once import copy_prefect
from warehouse.settings import Settings

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(2400),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no chromium at /usr/bin/chromium"),
]
Answer = tuple[int, Mapping[str, str], Any]
START, END = date(2025, 7, 1), date(2025, 9, 30)
FIELDS = (
    "First day of the range.",
    "Last day of the range, included.",
    "One date per month (its last day), per week (Sunday) or per day.",
    "recompute: periods, features and segments.",
    "Only show what would be rebuilt and how much data there is; nothing is written.",
    "missing: dates without segments.",
    "How many dates to rebuild at the same time",
)


@pytest.fixture(scope="module")
def up(template: Bank, prefect_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    bank = copy_bank(template, tmp_path_factory.mktemp("up") / "bank")
    copy_prefect(prefect_home, bank.root / "home" / "prefect")
    with served(bank) as running:
        yield running


def call(up: Served, path: str, header: dict[str, str], body: object) -> Answer:
    """POST as any process on this machine could."""
    content = {"Content-Type": "application/json"} | header
    request = Request(f"{up.address}/api/{path}", json.dumps(body).encode(), content, method="POST")  # noqa: S310
    try:
        with urlopen(request, timeout=60) as response:  # noqa: S310 - ours
            return response.status, dict(response.headers), json.loads(response.read())
    except HTTPError as error:
        return error.code, dict(error.headers), None


def answer(up: Served, path: str, header: dict[str, str]) -> Answer:
    return call(up, path, header, {})


def test_backfill_from_the_form(up: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    bank, address = up.bank, up.address
    bank.enter(monkeypatch)
    with open_page() as page:
        # Any other address would be looked for on the reader's own machine.
        assert page.request.get(f"{address}/ui-settings").json()["api_url"] == "/api"
        log_in(page, up)
        form = open_form(page, up, "backfill")
        assert [field for field in FIELDS if field not in form] == []
        submit_backfill(page, up, START, END, for_real=False, shot="dry-run")
        preview = read_artifact(page, up, "backfill-preview")
        assert "2025-08-31" in preview
        assert "Nothing was written" in preview
        assert bank.rows("FROM ops.backfill") == []
        submit_backfill(page, up, date(2025, 9, 1), END, for_real=True, shot="real-run")  # one end of a month
        assert "1 of 1 date rebuilt" in read_artifact(page, up, "backfill-result")
    found = bank.rows("SELECT as_of, status FROM ops.backfill ORDER BY as_of")
    assert found == [(END, "succeeded")]
    assert bank.value("SELECT max(as_of) FROM segments.current") == date(2025, 10, 31)


def test_nobody_gets_in_without_the_password(up: Served) -> None:
    for path in ("flow_runs/filter", "block_documents/filter", "admin/version"):
        for header in ({}, {"Authorization": f"Basic {b64encode(b'microseg:guessed').decode()}"}):
            assert answer(up, path, header)[0] == 401
    assert answer(up, "flow_runs/filter", up.authorization)[0] == 200
    secret = password_file(Settings(home=up.bank.root / "home"))
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert up.password not in " ".join(command_line(process) for process in descendants(up.process.pid))


def test_a_page_of_somebody_else_is_told_nothing(up: Served) -> None:
    for origin, heard in (("http://evil.example", None), (up.address, up.address)):
        headers = answer(up, "flow_runs/filter", up.authorization | {"Origin": origin})[1]
        assert {name.lower(): value for name, value in headers.items()}.get("access-control-allow-origin") == heard


def test_a_run_cannot_choose_its_command_and_its_failure_reaches_both_receivers(up: Served, tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    deployment = up.ask("deployments/name/backfill/backfill")["id"]
    chosen = {"command": f"touch {witness}", "env": {"PYTHONSTARTUP": "x"}, "working_dir": str(tmp_path)}
    turned = {"start": "2025-09-30", "end": "2025-07-01"}
    body = {"parameters": turned, "job_variables": chosen}
    status, _, said = call(up, f"deployments/{deployment}/create_flow_run", up.authorization, body)
    assert status in {201, 422}
    run = said["id"] if status == 201 else up.start("backfill", **turned)
    subject = "microseg: A run failed or crashed."
    alarm = up.receiver.await_alarms({subject: run}, seconds=600)[subject]
    assert "backfill" in alarm["body"]
    assert "the range is reversed" in alarm["body"]
    mail = up.mailbox.await_mail(subject, seconds=300)
    assert mail["To"] == "night@bank.example"
    assert "the range is reversed" in str(mail.get_body())
    assert not witness.exists()  # and it was our command that failed


def test_nobody_else_can_read_what_it_writes(up: Served) -> None:
    home = up.bank.root / "home"
    assert {"prefect", "logs", "exports", "data_docs"} <= {path.name for path in home.iterdir()}
    assert readable_by_others(home) == []  # server, worker and run were started under umask 022


def test_ctrl_c_stops_all_of_it(up: Served) -> None:
    below = descendants(up.process.pid)
    assert len(below) >= 2  # the server and the worker
    up.process.send_signal(signal.SIGINT)
    assert up.process.wait(100) == 0
    assert psutil.wait_procs(below, 10)[1] == []
