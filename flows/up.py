"""`microseg up`: a local Prefect server, the deployments, the alarms and a worker, in one process tree."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from types import FrameType
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from warehouse.errors import MicrosegError
from warehouse.settings import Settings

POOL = "microseg"
# The first start migrates Prefect's own database, which takes half a minute on a busy machine.
START_SECONDS = 180
# A run that is stopped records its end first.
GRACE_SECONDS = 45
PREFECT_FILE = Path(__file__).resolve().parents[1] / "prefect.yaml"
Say = Callable[[str], None]


class SetupError(MicrosegError):
    """The server, the deployments or the worker did not come up."""


@dataclass
class Child:
    """A process of ours, with its own process group and its log in a file."""

    name: str
    arguments: list[str]
    log: Path
    process: subprocess.Popen[bytes] = field(init=False)

    def __enter__(self) -> "Child":
        """Start it; a group of its own, so that Ctrl-C reaches it through us alone, and in order."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "prefect", "--no-prompt", *self.arguments]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)  # noqa: S603
        return self

    def __exit__(self, *_: object) -> None:
        """Ask the runs that it started to end, then itself, then end whatever is left of its group."""
        if self.process.poll() is None:
            # A worker that ends kills its runs at once; asked first, they record how they ended.
            runs = members(self.process.pid)
            for pid in runs:
                _signal(os.kill, pid, signal.SIGTERM)
            _await_end(runs, GRACE_SECONDS)
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
        _signal(os.killpg, self.process.pid, signal.SIGKILL)

    def check(self) -> None:
        """Raise when it has ended by itself."""
        if self.process.poll() is not None:
            raise SetupError(f"the {self.name} ended with code {self.process.returncode}; its log is {self.log}")


def members(group: int) -> list[int]:
    """Return the processes of a group but its leader; none where the system has no /proc."""
    pids = [int(entry.name) for entry in Path("/proc").glob("[0-9]*")]
    return [pid for pid in pids if pid != group and _group_of(pid) == group]


def _group_of(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return 0


def _signal(send: Callable[[int, int], None], pid: int, number: int) -> None:
    try:
        send(pid, number)
    except ProcessLookupError:
        return  # it has ended meanwhile


def _await_end(pids: list[int], seconds: float) -> None:
    until = monotonic() + seconds
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and monotonic() < until:
        sleep(0.2)


def up(settings: Settings, host: str, port: int, say: Say) -> None:
    """Start everything, tell where it is, and wait until a signal or until a part of it dies.

    A server is started only where PREFECT_API_URL names none.

    Args:
        settings: Home of logs and of Prefect's own database; time zone of the schedules; alarms.
        host: Address to listen on.
        port: Port of the local server.
        say: Prints one line.

    Raises:
        SetupError: A part did not come up, or ended by itself.
    """
    external = os.environ.get("PREFECT_API_URL", "")
    logs = settings.home.resolve() / "logs"
    _set_environment(settings, external or f"http://{host}:{port}/api")
    with _stoppable(), ExitStack() as stack:
        children = []
        if not external:
            say("starting the Prefect server (the first start takes about half a minute) ...")
            server = Child("server", ["server", "start", "--host", host, "--port", str(port)], logs / "server.log")
            children.append(stack.enter_context(server))
            _await_server(server, host, port)
        names = deploy(settings, logs / "deploy.log")
        say(f"work pool {POOL}, {len(names)} alarms: {', '.join(names)}")
        worker = ["worker", "start", "--pool", POOL, "--type", "process", "--install-policy", "never"]
        children.append(stack.enter_context(Child("worker", worker, logs / "worker.log")))
        _greet(settings, os.environ["PREFECT_API_URL"].removesuffix("/api"), say)
        try:
            _watch(children)
        except KeyboardInterrupt:
            say("stopping the worker" + ("" if external else " and the server") + " ...")


def _set_environment(settings: Settings, api: str) -> None:
    """Set what our own client, the server, the worker and its runs share."""
    os.environ["PREFECT_API_URL"] = api
    os.environ["MICROSEG_TIMEZONE"] = settings.timezone  # prefect.yaml reads it
    defaults = {
        "PREFECT_HOME": str(settings.home.resolve() / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",  # a killed run is noticed by its silence
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    }
    for name, value in defaults.items():
        os.environ.setdefault(name, value)


def _await_server(server: Child, host: str, port: int) -> None:
    address = f"http://{host}:{port}/api/health"
    opener = build_opener(ProxyHandler({}))
    until = monotonic() + START_SECONDS
    while monotonic() < until:
        server.check()
        try:
            with opener.open(address, timeout=5):
                break
        except (URLError, OSError):
            sleep(0.5)
    else:
        raise SetupError(f"the server did not answer at {address} within {START_SECONDS} s; its log is {server.log}")
    sleep(0.5)
    server.check()  # another server may hold the port, and have answered in its place


def deploy(settings: Settings, log: Path) -> list[str]:
    """Create the work pool, apply prefect.yaml and the alarms; all of it can be repeated.

    Returns:
        The names of the alarms.
    """
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import WorkPoolCreate
    from prefect.workers.process import ProcessWorker

    from flows.automations import PREFIX, apply_automations

    template = ProcessWorker.get_default_base_job_template()
    # The pool runs one flow at a time: that is what lets nightly, late data, backfill and retraining share a warehouse.
    pool = WorkPoolCreate(name=POOL, type="process", base_job_template=template, concurrency_limit=1)
    with get_client(sync_client=True) as client:
        client.create_work_pool(pool, overwrite=True)
    command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all", "--prefect-file", str(PREFECT_FILE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(done.stdout + done.stderr, encoding="utf-8")
    if done.returncode:
        raise SetupError(f"the deployments of {PREFECT_FILE} were not accepted; see {log}")
    return [name.removeprefix(PREFIX) for name in apply_automations(settings)]


def _greet(settings: Settings, address: str, say: Say) -> None:
    home = settings.home.resolve()
    say(f"\nPrefect UI: {address}")
    say(f"  run a night now:   {address}/deployments, nightly, Run > Quick run")
    say(f"  rebuild the past:  {address}/deployments, backfill, Run > Custom run; starts as a dry run")
    say(f"  what is broken:    microseg status      (warehouse: {home}, logs: {home / 'logs'})")
    if not settings.source:
        say("  no source is set: nightly runs will fail until MICROSEG_SOURCE names one (see docs/operations.md)")
    say("Ctrl-C stops all of it.")


def _watch(children: list[Child]) -> None:
    while True:
        for child in children:
            child.check()
        sleep(0.5)


@contextmanager
def _stoppable() -> Iterator[None]:
    """Stop on Ctrl-C and SIGTERM alike, so that a service manager stops the children too.

    A shell starts background jobs with SIGINT ignored, and children would inherit that: a handler undoes it.
    """

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
