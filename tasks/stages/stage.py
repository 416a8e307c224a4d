"""What makes a Prefect task of a stage: its name, its retries, who watches it, and what it may tell."""

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any, ParamSpec, TypeVar, cast

from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task, exponential_backoff
from prefect.utilities.annotations import quote

from tasks.operation.journal import Outcome
from tasks.operation.watching import under_way, watch
from tasks.stages.pages import Pages
from warehouse.errors import ConflictError, MicrosegError, OutageError, without_values

P = ParamSpec("P")
R = TypeVar("R")

watch(Pages())


def worth_retrying(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Retry what may pass by itself (a lock, the network, the disk of another); never bad data."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, ConflictError | OutageError) or not isinstance(error, MicrosegError)


class Stage(Task[P, R]):
    """A task that is given values, never what another task has yet to return.

    Prefect looks for such promises in all arguments, twice for each task: a reference set holds thousands of objects.
    """

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Run the work; the arguments are handed over as they are."""
        call = cast("Callable[..., Any]", super().__call__)
        return call(*map(quote, arguments), **{name: quote(value) for name, value in named.items()})


def stage(name: str, retries: int = 2) -> Callable[[Callable[P, R]], Task[P, R]]:
    """Make a Prefect task of a stage: named, never cached (results are tables), retried where that can help."""

    def as_task(work: Callable[P, R]) -> Task[P, R]:
        return Stage(
            watched(name, telling_no_values(work)),
            name=name,
            task_run_name=cast("Callable[[], str]", dated(name)),  # asked with the parameters
            cache_policy=NO_CACHE,
            retries=retries,
            retry_delay_seconds=exponential_backoff(backoff_factor=5),
            retry_jitter_factor=0.5,
            retry_condition_fn=worth_retrying,
        )

    return as_task


def dated(name: str) -> Callable[[dict[str, Any]], str]:
    """Return a function for a task's `task_run_name`: its name, with the business date that it works on, if on one.

    Args:
        name: Of the task.
    """

    def name_of_run(parameters: dict[str, Any]) -> str:
        given = parameters.get("as_of")
        as_of = given.unquote() if isinstance(given, quote) else given
        return f"{name}-{as_of}" if as_of else name

    return name_of_run


def watched(name: str, work: Callable[P, R]) -> Callable[P, R]:
    """Tell those who watch of each run of a stage, with its date, and the rows and the note that it reports."""
    takes = signature(work)

    @wraps(work)
    def told(*arguments: P.args, **named: P.kwargs) -> R:
        as_of = takes.bind(*arguments, **named).arguments.get("as_of")
        with under_way(name.replace("-", " ") + f" {as_of}" * bool(as_of)) as report:
            result = work(*arguments, **named)
            if isinstance(result, Outcome):
                report.rows, report.note = result
        return result

    return told


def telling_no_values(work: Callable[P, R]) -> Callable[P, R]:
    """Let a function raise only what Prefect may log and keep: it writes messages and results to its own database."""

    @wraps(work)
    def guarded(*arguments: P.args, **named: P.kwargs) -> R:
        try:
            return work(*arguments, **named)
        except Exception as error:  # noqa: BLE001 - raised again without what it may quote
            raised = without_values(error)
        raise raised from None

    return guarded
