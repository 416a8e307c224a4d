"""The crew of a flow run: the workers of its Dask cluster, where it has one."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from prefect.context import FlowRunContext

from tasks.operation.code_version import DATE, INTAKE, code_version
from tasks.units.progress import Progress
from tasks.units.unit import Crew, Facts, Unit, perform
from warehouse.errors import MicrosegError, without_values
from warehouse.outage import outage
from warehouse.settings import Settings

if TYPE_CHECKING:
    from distributed import Client, Future

WORKERS_SECONDS = 120
# What units run, beside the code of a date.
_UNITS = (
    "sql/candidates",
    "tasks/units",
    "sql/units",
    "sql/ops",
    "tasks/operation/provenance.py",
    "warehouse/lone.py",
    "warehouse/stored.py",
    "warehouse/reference/tables.py",
)


def crew_of(settings: Settings) -> Crew | None:
    """Return who does the units of the flow run that this stage belongs to; None: nobody but this process.

    Args:
        settings: `task_runner`, and how long a stage may take.

    Returns:
        A crew that starts, or connects to, the cluster when it is first given units.
    """
    context = FlowRunContext.get()
    if settings.task_runner != "dask" or context is None:
        return None
    runner: Any = context.task_runner
    return dask_crew(lambda: runner.client, settings.run_patience_hours * 3600)


def dask_crew(connect: "Callable[[], Client]", seconds: float) -> Crew:
    """Return the workers of a cluster as a crew.

    Args:
        connect: Returns a client; called when there is something to do.
        seconds: Bound on the time between two units that are done.
    """

    def crew(units: Sequence[Unit], progress: Progress) -> dict[Unit, Facts]:
        client = _ready(connect)
        answers: dict[Unit, Facts] = {}
        for unit, facts in _spread(client, units, seconds):
            answers[unit] = facts
            progress(len(answers), len(units))
        return answers

    return crew


def attempt(unit: Unit) -> Facts | Exception:
    """Do a unit on a worker; return what went wrong instead of raising it, since a worker writes that to its log."""
    try:
        return perform(unit)
    except MicrosegError as error:
        return error.with_traceback(None)
    except Exception as error:  # noqa: BLE001 - raised again where it was asked for
        return (outage(Settings(), error) or without_values(error)).with_traceback(None)


def own_version() -> tuple[str, str]:
    """Return the versions of DuckDB and of our code on a machine: units of others would write other rows."""
    import duckdb

    return duckdb.__version__, code_version(*DATE, *INTAKE, *_UNITS)


def _ready(connect: "Callable[[], Client]") -> "Client":
    """Return the client of a cluster that has a worker, all of the same code.

    Raises:
        MicrosegError: It has none in two minutes, or another version is at work.
    """
    try:
        client = connect()
        client.wait_for_workers(1, timeout=WORKERS_SECONDS)
    except (OSError, TimeoutError) as error:
        raise MicrosegError(
            f"no Dask worker to be had in {WORKERS_SECONDS} seconds ({type(error).__name__}): start the cluster, or "
            "look at MICROSEG_DASK_ADDRESS"
        ) from None
    others = {version for version in client.run(own_version).values() if version != own_version()}
    if others:
        raise MicrosegError("Dask workers have another version of microseg or DuckDB: give all machines the same image")
    return client


def _spread(client: "Client", units: Sequence[Unit], seconds: float) -> Iterator[tuple[Unit, Facts]]:
    """Have units done, never more under way than there are threads, and let go of each result at once.

    A worker that dies then takes down no unit that only waited for it, and none that was done is done again.

    Args:
        client: Of the cluster.
        units: All are done, in any order.
        seconds: Bound on the time between two of them.

    Raises:
        MicrosegError: The cluster went away, or workers died of a unit.
    """
    from distributed import as_completed

    waiting = list(reversed(units))
    under_way: dict[Future[Facts | Exception], Unit] = {}
    completed = as_completed(loop=client.loop, timeout=seconds)

    def hand_out() -> None:
        while waiting and len(under_way) < max(1, sum(client.nthreads().values())):
            unit = waiting.pop()
            future = client.submit(attempt, unit, pure=False, key=_key(unit, len(waiting)))
            under_way[future] = unit
            completed.add(future)

    try:
        hand_out()
        while under_way:
            future = next(completed)
            unit = under_way.pop(future)
            yield unit, _facts(future, unit)
            future.release()
            hand_out()
    finally:
        client.cancel(list(under_way))


def _facts(future: "Future[Facts | Exception]", unit: Unit) -> Facts:
    from distributed import KilledWorker
    from distributed.client import FutureCancelledError

    try:
        result = future.result()
    except (KilledWorker, FutureCancelledError) as error:
        raise MicrosegError(
            f"Dask workers died of {unit.work.__name__}, or the scheduler did ({type(error).__name__}); nothing was "
            "changed: look at their logs and at MICROSEG_MEMORY_LIMIT, and run it again"
        ) from None
    if isinstance(result, Exception):
        raise result
    return result


def _key(unit: Unit, number: int) -> tuple[str, str]:
    from uuid import uuid4

    return (f"{unit.work.__name__}-{uuid4().hex}", str(number))
