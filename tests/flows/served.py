"""A `microseg up` of a test's own: its API, its processes, and a receiver for its alarms."""

import json
import os
import signal
import socket
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from threading import Thread
from time import monotonic, sleep
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psutil

from flows.access import password_file
from flows.processes import descendants
from tests.flows.banks import Bank
from tests.flows.mailbox import Mailbox
from warehouse.settings import Settings

COMMAND = "import sys; from flows.cli import main; sys.exit(main())"
Alarm = dict[str, str]
BUSY = 503  # Prefect's SQLite is locked; its own clients ask again too


@dataclass(frozen=True)
class Receiver:
    """The bank's alerting: keeps what is posted to it."""

    address: str
    posted: "Queue[Alarm]"

    def await_alarms(self, wanted: dict[str, str], seconds: float = 60) -> dict[str, Alarm]:
        """Return an alarm for each subject, about the run whose id stands beside it; others are dropped."""
        until = monotonic() + seconds
        found: dict[str, Alarm] = {}
        while found.keys() != wanted.keys():
            try:
                alarm = self.posted.get(timeout=max(until - monotonic(), 0.01))
            except Empty:
                raise AssertionError(f"{wanted.keys() - found.keys()} were not sent within {seconds} s") from None
            if wanted.get(alarm["subject"], "?") in alarm["body"]:
                found[alarm["subject"]] = alarm
        return found


@dataclass(frozen=True)
class Served:
    """A running `microseg up`."""

    bank: Bank
    address: str
    process: subprocess.Popen[str]
    receiver: Receiver
    mailbox: Mailbox

    @property
    def password(self) -> str:
        """What a person reads in the file that `microseg up` names."""
        return password_file(Settings(home=self.bank.root / "home")).read_text(encoding="utf-8")

    @property
    def authorization(self) -> dict[str, str]:
        """Header of a call that may be made."""
        return {"Authorization": f"Basic {b64encode(self.password.encode()).decode()}"}

    def ask(self, path: str, body: object = None, method: str = "") -> Any:
        """Call the API: POST with a body and GET without, unless told otherwise."""
        data = None if body is None else json.dumps(body).encode()
        header = {"Content-Type": "application/json"} | self.authorization
        request = Request(f"{self.address}/api/{path}", data, header, method=method or None)  # noqa: S310 - ours
        until = monotonic() + 60
        while True:
            try:
                with urlopen(request, timeout=60) as response:  # noqa: S310 - ours
                    return json.loads(response.read() or b"null")
            except HTTPError as error:
                if error.code != BUSY or monotonic() > until:
                    raise AssertionError(f"{error}: {error.read()!r}") from error
            sleep(0.2)

    def start(self, name: str, state: object = None, **parameters: object) -> str:
        """Start a run of a deployment; return its id."""
        deployment = self.ask(f"deployments/name/{name}/{name}")["id"]
        body = {"parameters": parameters} | ({"state": state} if state else {})
        return str(self.ask(f"deployments/{deployment}/create_flow_run", body)["id"])

    def propose(self, run: str, kind: str, force: bool = False) -> str:
        """Propose a state as a worker does; return what the server says to it."""
        return str(self.ask(f"flow_runs/{run}/set_state", {"state": {"type": kind}, "force": force})["status"])

    def state(self, run: str) -> str:
        """Return the name of a run's state."""
        return str(self.ask(f"flow_runs/{run}")["state"]["name"])

    def await_state(self, run: str, *names: str, seconds: float = 180) -> str:
        """Wait until a run is in one of some states."""
        wait_until(lambda: self.state(run) in names, seconds, lambda: f"{run} is {self.state(run)}, not {names}")
        return self.state(run)

    def runs(self) -> int:
        """Return how many runs have entered themselves so far."""
        return len(self.bank.rows("SELECT run_id FROM ops.runs"))

    def await_work(self, earlier: int) -> None:
        """Wait until a run is in the middle of its work: after so many others it has entered itself as running."""
        running = "SELECT count(*) FROM ops.runs WHERE status = 'running'"
        wait_until(
            lambda: self.runs() == earlier + 1 and self.bank.value(running), 120, lambda: f"no run after {earlier}"
        )

    def child(self, words: str) -> int:
        """Return the process below this one whose command line holds some words."""
        found: list[int] = [process.pid for process in descendants(self.process.pid) if words in command_line(process)]
        assert found, f"no process {words!r} below {self.process.pid}"
        return found[-1]


def wait_until(done: Callable[[], object], seconds: float, problem: Callable[[], str]) -> None:
    """Ask again and again, and fail with what is wrong when the time is over."""
    until = monotonic() + seconds
    while not done():
        assert monotonic() < until, problem()
        sleep(0.1)


def command_line(process: psutil.Process) -> str:
    """Return the words of a process; empty once it has ended."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def receive() -> tuple[Receiver, ThreadingHTTPServer]:
    """Start a receiver of alarms in this process."""
    posted: Queue[Alarm] = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    return Receiver(f"http://127.0.0.1:{server.server_address[1]}/alarms", posted), server


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(bank: Bank, **settings: str) -> Iterator[Served]:
    """Run `microseg up` on a bank until the end of a ``with`` block, or until a test has ended it."""
    port, mails = free_port(), Mailbox()
    receiver, server = receive()
    mails.start()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "MICROSEG_"))}
    alarms = {"MICROSEG_NOTIFY_WEBHOOK": receiver.address, "MICROSEG_NOTIFY_EMAIL": mails.address}
    ours = bank.environment | alarms | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", COMMAND, "up", "--port", str(port)]
    quick = {"PREFECT_WORKER_QUERY_SECONDS": "2"}
    environment = inherited | ours | quick | settings
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, umask=0o022)  # a usual one
    assert process.stdout is not None
    lines = [""]
    try:
        while "Ctrl-C" not in lines[-1]:
            lines.append(process.stdout.readline())
            assert lines[-1], f"ended early: {lines}"
        yield Served(bank, f"http://127.0.0.1:{port}", process, receiver, mails)
    finally:
        process.send_signal(signal.SIGTERM)  # a kill would leave its server and worker behind
        process.wait(100)
        for each in (server, mails):
            each.shutdown()
            each.server_close()
