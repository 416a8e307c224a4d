"""What makes a Prefect task of a stage: its name, its retries, its progress, and what it may tell."""

from collections.abc import Callable
from functools import wraps
from time import monotonic
from typing import Any, ParamSpec, TypeVar, cast
from uuid import UUID

from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task, exponential_backoff
from prefect.utilities.annotations import quote

from tasks.units.progress import Progress
from warehouse.errors import ConflictError, MicrosegError, OutageError, without_values

P = ParamSpec("P")
R = TypeVar("R")


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
            telling_no_values(work),
            name=name,
            cache_policy=NO_CACHE,
            retries=retries,
            retry_delay_seconds=exponential_backoff(backoff_factor=5),
            retry_jitter_factor=0.5,
            retry_condition_fn=worth_retrying,
        )

    return as_task


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


def progress_artifact(key: str, description: str) -> Progress:
    """Return a progress callback that moves a bar in the Prefect UI, once a second: asking the server takes time."""
    artifact = create_progress_artifact(progress=0.0, key=key, description=description)
    assert isinstance(artifact, UUID)  # noqa: S101 - narrows Prefect's sync/async union

    moved = monotonic()

    def report(done: int, total: int) -> None:
        nonlocal moved
        if done < total and monotonic() - moved < 1:
            return
        moved = monotonic()
        update_progress_artifact(artifact_id=artifact, progress=100.0 * done / max(total, 1))

    return report
