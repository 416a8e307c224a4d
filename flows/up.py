"""`microseg up`: a local Prefect server, the deployments, the alarms and a worker, in one process tree."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from time import sleep
from types import FrameType

from flows.access import CLIENT, bounded_template, own_origins, require_password
from flows.links import ARTIFACTS, artifact_address, ui_address
from flows.processes import Child, SetupError, await_health
from flows.terminal import stay_below
from warehouse.privacy import private_folder
from warehouse.settings import Settings

POOL = "microseg"
# A server or a worker that dies more often is ill: the service manager must see it.
RESTARTS = 3
PREFECT_FILE = Path(__file__).resolve().parents[1] / "prefect.yaml"
# The lake plans and commits with a great many small allocations: with more freed ones at hand for each thread, a night
# of few rows takes a tenth less processor time. A process reads it as it starts, so a run has it from its worker.
ALLOCATIONS = "glibc.malloc.tcache_count=2000"
Say = Callable[[str], None]


def up(settings: Settings, host: str, port: int, say: Say, sample_as_of: date | None = None) -> None:
    """Start everything, print its address, and wait for a signal; a part that dies is started again.

    A server is started only where PREFECT_API_URL names none. A run goes on when its server is away for a minute.

    Args:
        settings: Home of logs and of Prefect's own database; time zone of the schedules; alarms.
        host: Address to listen on.
        port: Port of the local server.
        say: Prints one line.
        sample_as_of: Business date of the sample, which the form of the nightly run is filled with; None: no sample.

    Raises:
        SetupError: A part did not come up, or ended by itself again and again.
    """
    external = os.environ.get("PREFECT_API_URL", "")
    api = external or f"http://{_reachable(host)}:{port}/api"
    logs = settings.home.resolve() / "logs"
    password = None if external else require_password(settings, host)
    _set_environment(settings, api, own_origins(host, port))
    with _stoppable(), ExitStack() as stack:
        children: list[tuple[Child, Callable[[], None]]] = []
        if not external:
            say("starting the Prefect server (the first start takes about half a minute) ...")
            start = ["server", "start", "--host", host, "--port", str(port)]
            server = Child("server", start, logs / "server.log", "flows.own_server")
            stack.enter_context(server)
            children.append((server, lambda: _await_server(server, api)))
            children[0][1]()
        names = deploy(settings, logs / "deploy.log", not external, sample_as_of)
        if not external:
            crash_leftovers()
        say(f"work pool {POOL}, {len(names)} alarms: {', '.join(names)}")
        worker = ["worker", "start", "--pool", POOL, "--type", "process", "--install-policy", "never"]
        children.append((stack.enter_context(Child("worker", worker, logs / "worker.log")), lambda: None))
        _greet(settings, password, say, sample_as_of)
        try:
            _watch(children, say)
        except KeyboardInterrupt:
            say("stopping the worker" + ("" if external else " and the server") + " ...")


def _reachable(host: str) -> str:
    """Return an address to call; a server that listens on all of them has none of that name."""
    return "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 - compared, not bound


def _set_environment(settings: Settings, api: str, origins: str) -> None:
    """Set what our own client, the server, the worker and its runs share."""
    os.environ["PREFECT_API_URL"] = api
    os.environ["MICROSEG_TIMEZONE"] = settings.timezone  # prefect.yaml reads it
    stay_below(settings)
    defaults = {
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_SERVER_UI_API_URL": "/api",  # as seen from any browser, not from this machine alone
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": origins,  # a page elsewhere gets no answer that it can read
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",  # a killed run is noticed by its silence
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
        "GLIBC_TUNABLES": ALLOCATIONS,
        "PREFECT_LOGGING_EXTRA_LOGGERS": "expectations",  # a page that could not be drawn is seen in the run's log
    }
    for name, value in defaults.items():
        os.environ.setdefault(name, value)


def _await_server(server: Child, api: str) -> None:
    await_health(server.name, api, server.log, server.check)
    sleep(0.5)
    server.check()  # another server may hold the port, and have answered in its place


def deploy(settings: Settings, log: Path, ours: bool = False, sample_as_of: date | None = None) -> list[str]:
    """Create the work pool, apply prefect.yaml and the alarms; all of it can be repeated.

    Args:
        settings: Receivers of the alarms.
        log: What the deploying said.
        ours: Whether the server is one that we started.
        sample_as_of: Fills the form of the nightly run; None: the date is that of the schedule.

    Returns:
        The names of the alarms.
    """
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import DeploymentUpdate, WorkPoolCreate
    from prefect.workers.process import ProcessWorker

    from flows.automations import PREFIX, apply_automations

    template = bounded_template(ProcessWorker.get_default_base_job_template())
    # The pool runs one flow at a time: that is what lets nightly, late data, backfill and retraining share a warehouse.
    pool = WorkPoolCreate(name=POOL, type="process", base_job_template=template, concurrency_limit=1)
    with get_client(sync_client=True) as client:
        client.create_work_pool(pool, overwrite=True)
    command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all", "--prefect-file", str(PREFECT_FILE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    private_folder(log.parent)
    log.write_text(done.stdout + done.stderr, encoding="utf-8")
    if done.returncode:
        raise SetupError(f"the deployments of {PREFECT_FILE} were not accepted; see {log}")
    if sample_as_of:
        with get_client(sync_client=True) as client:
            nightly = client.read_deployment_by_name("nightly/nightly")
            filled = DeploymentUpdate(parameters={"as_of": sample_as_of.isoformat()})
            client.update_deployment(nightly.id, filled)
    return [name.removeprefix(PREFIX) for name in apply_automations(settings, once=ours)]


def crash_leftovers() -> list[str]:
    """Mark the runs that a server of ours still takes for running, before its worker starts; each is told by an alarm.

    Their processes ended with an earlier `microseg up` that had no time to tell. They would keep the only slot.

    Returns:
        Their names.
    """
    from prefect.client.orchestration import get_client
    from prefect.client.schemas import filters
    from prefect.client.schemas.objects import StateType
    from prefect.states import Crashed

    under_way = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]
    runs = filters.FlowRunFilter(state=filters.FlowRunFilterState(type=filters.FlowRunFilterStateType(any_=under_way)))
    pool = filters.WorkPoolFilter(name=filters.WorkPoolFilterName(any_=[POOL]))
    message = "Its process ended together with an earlier `microseg up`. The warehouse is intact; run it again."
    with get_client(sync_client=True) as client:
        leftovers = client.read_flow_runs(flow_run_filter=runs, work_pool_filter=pool)
        for run in leftovers:
            client.set_flow_run_state(run.id, Crashed(message=message), force=True)
    return [run.name for run in leftovers]


def _greet(settings: Settings, password: Path | None, say: Say, sample_as_of: date | None) -> None:
    home, address = settings.home.resolve(), ui_address()
    say(f"\nPrefect UI: {address}")
    if password:
        say(f"  password:          cat {password}")
        say(f"  for `prefect`:     export {CLIENT}=$(cat {password})")
    filled = f"; filled in for the sample: as_of {sample_as_of}" if sample_as_of else ""
    say(f"  run nightly now:   {address}/deployments, nightly, Run > Quick run{filled}")
    say(f"  rebuild the past:  {address}/deployments, backfill, Run > Custom run; starts as a dry run")
    say(f"  what is broken:    microseg status      (warehouse: {home}, logs: {home / 'logs'})")
    say(f"What runs leave, which the menu of the UI does not name ({artifact_address()}):")
    for key, what in ARTIFACTS.items():
        say(f"  {what + ':':<30} {artifact_address(key)}")
    if not settings.source:
        say("No source is set: nightly runs will fail until MICROSEG_SOURCE names one (see docs/operations.md).")
        say("To try it on real purchases of 2,469 households: microseg up --sample")
    say("Press Ctrl-C to stop everything.")


def _watch(children: list[tuple[Child, Callable[[], None]]], say: Say) -> None:
    left = RESTARTS
    while True:
        for child, await_ready in children:
            if child.ended and left:
                left -= 1
                say(f"the {child.name} ended with code {child.process.returncode}; starting it again ...")
                child.start()
                await_ready()
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
