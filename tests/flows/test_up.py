"""`microseg up` as a person meets it: the UI in a browser, a dry run, a real run, and Ctrl-C."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from time import monotonic, sleep
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.flows.banks import Bank, copy_bank
from tests.flows.browser import CHROMIUM, open_form, open_page, read_artifact, submit_backfill

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no chromium at /usr/bin/chromium"),
]
COMMAND = "import sys; from flows.cli import main; sys.exit(main())"
START, END = date(2025, 7, 1), date(2025, 9, 30)
FIELDS = (
    "First day of the range.",
    "Last day of the range, included.",
    "One date a month (its last day), a week (Sunday) or a day.",
    "recompute: periods, features and segments.",
    "Only show what would be rebuilt and how much data there is.",
    "Only dates whose last backfill did not succeed.",
    "Dates at the same time",
)


@dataclass(frozen=True)
class Receiver:
    """The bank's alerting: keeps what is posted to it."""

    server: ThreadingHTTPServer
    posted: "Queue[dict[str, str]]"

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/alarms"


@dataclass(frozen=True)
class Up:
    """A running `microseg up`."""

    bank: Bank
    address: str
    process: subprocess.Popen[str]
    receiver: Receiver


def receive() -> Receiver:
    posted: Queue[dict[str, str]] = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    return Receiver(server, posted)


def post(address: str, body: object) -> dict[str, Any]:
    request = Request(address, json.dumps(body).encode(), {"Content-Type": "application/json"})  # noqa: S310 - ours
    with urlopen(request) as response:  # noqa: S310 - ours
        found: dict[str, Any] = json.load(response)
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def up(template: Bank, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    bank = copy_bank(template, tmp_path_factory.mktemp("up") / "bank")
    port = free_port()
    receiver = receive()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, "up", "--port", str(port)],
        env=environment
        | bank.environment
        | {"PYTHONPATH": os.pathsep.join(sys.path), "MICROSEG_NOTIFY_WEBHOOK": receiver.address},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    lines: list[str] = []
    while "Ctrl-C" not in (lines[-1] if lines else ""):
        line = process.stdout.readline()
        assert line, f"ended early: {lines}"
        lines.append(line)
    yield Up(bank, f"http://127.0.0.1:{port}", process, receiver)
    process.terminate()  # a kill would leave its server and worker behind
    process.wait(100)
    receiver.server.shutdown()


def test_backfill_from_the_form(up: Up, monkeypatch: pytest.MonkeyPatch) -> None:
    bank, address = up.bank, up.address
    bank.enter(monkeypatch)
    with open_page() as page:
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


def test_a_failed_run_reaches_the_receiver(up: Up) -> None:
    with urlopen(f"{up.address}/api/deployments/name/backfill/backfill") as response:  # noqa: S310 - ours
        deployment = json.load(response)["id"]
    backwards = {"start": "2025-09-30", "end": "2025-07-01"}
    post(f"{up.address}/api/deployments/{deployment}/create_flow_run", {"parameters": backwards})
    alarm = up.receiver.posted.get(timeout=180)
    assert alarm["subject"] == "microseg: A run failed or crashed."
    assert "backfill" in alarm["body"]
    assert "choose a longer range" in alarm["body"]


def test_ctrl_c_stops_all_of_it(up: Up) -> None:
    process = up.process
    group = children(process.pid)
    assert len(group) >= 2  # the server and the worker
    process.send_signal(signal.SIGINT)
    assert process.wait(100) == 0
    until = monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in group) and monotonic() < until:
        sleep(0.2)
    assert [pid for pid in group if Path(f"/proc/{pid}").exists()] == []


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
