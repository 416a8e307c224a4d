"""The stages as Prefect tasks: names, retries, progress and skipping; the work is in the modules of the verbs."""

from collections.abc import Callable, Sequence
from datetime import date
from time import monotonic
from typing import Any, ParamSpec
from uuid import UUID

from prefect import task
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task, exponential_backoff

from expectations.verdict import Verdict
from tasks.intake.ingest import LoadContext, Progress, check_reject_rate, ingest_sources
from tasks.operation.journal import Outcome
from tasks.operation.validate import pass_gates, spending_gates
from tasks.spending.aggregate import refresh_by_period, refresh_monthly
from warehouse.connection import connect, in_transaction
from warehouse.errors import ConflictError, MicrosegError
from warehouse.migrations import migrate
from warehouse.reference.sets import ReferenceSet
from warehouse.reference.tables import apply_reference
from warehouse.settings import Settings

P = ParamSpec("P")


def worth_retrying(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Retry what may pass by itself (a lock, the network, the disk of another); never bad data."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, ConflictError) or not isinstance(error, MicrosegError)


def stage(name: str) -> Callable[[Callable[P, Outcome]], Task[P, Outcome]]:
    """Make a Prefect task of a stage: named, never cached (results are tables), retried where that can help."""
    return task(
        name=name,
        cache_policy=NO_CACHE,
        retries=2,
        retry_delay_seconds=exponential_backoff(backoff_factor=5),
        retry_jitter_factor=0.5,
        retry_condition_fn=worth_retrying,
    )


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


@stage(name="prepare")
def prepare(settings: Settings, reference: ReferenceSet) -> Outcome:
    """Bring the schema and the reference tables up to date."""
    with connect(settings) as connection:
        applied = migrate(connection, settings.commit_attempts)
        changed = in_transaction(connection, lambda: apply_reference(connection, reference), settings.commit_attempts)
    changes = [f"{len(applied)} migrations"] * bool(applied) + ["reference set"] * changed
    return Outcome(None, "applied " + " and ".join(changes) if changes else "up to date")


@stage(name="ingest")
def ingest(context: LoadContext, patterns: Sequence[str]) -> Outcome:
    """Load what the ledger does not hold yet."""
    done = ingest_sources(context, patterns, progress_artifact("ingest", "Sources loaded"))
    if done.sources == done.unchanged:
        return Outcome(0, f"nothing new: {done.unchanged} of {done.sources} sources already loaded")
    note = f"{done.rejected:,} rejected, {done.duplicate:,} duplicates, {done.unclassified:,} unclassified"
    return Outcome(done.accepted, note)


@stage(name="reject-gate")
def reject_gate(settings: Settings) -> Outcome:
    """Stop before anything is published when too many rows were rejected."""
    waiting = check_reject_rate(settings)
    return Outcome(None, f"{waiting} loads below {settings.max_reject_rate:.1%}" if waiting else "nothing waiting")


@stage(name="aggregate-months")
def aggregate_months(settings: Settings) -> Outcome:
    """Sum the months that changed."""
    months = refresh_monthly(settings, progress_artifact("aggregate-months", "Months summed"))
    return Outcome(months, "months refreshed" if months else "no month changed")


@stage(name="aggregate-periods")
def aggregate_periods(settings: Settings, as_of: date, run_id: str) -> Outcome:
    """Write both windows of the business date."""
    bar = progress_artifact("aggregate-periods", "Steps written")
    rows = refresh_by_period(settings, as_of, run_id, bar)
    return Outcome(rows, "rows written" if rows else "unchanged since the last run")


@stage(name="validate-spending")
def validate_spending(
    settings: Settings, reference: ReferenceSet, as_of: date, received_on: date, run_id: str
) -> Outcome:
    """Pass the gates of raw rows, months and periods."""
    gates = spending_gates(settings, reference, as_of, received_on)
    return gate_outcome(pass_gates(settings, gates, as_of, run_id))


def gate_outcome(verdicts: Sequence[Verdict]) -> Outcome:
    """Return what a gate reports: expectations checked, and warnings by name."""
    if not verdicts:
        return Outcome(0, "unchanged since they last passed")
    warnings = [outcome.line for verdict in verdicts for outcome in verdict.warnings]
    note = f"{len(warnings)} warnings: {'; '.join(warnings)}" if warnings else "all expectations hold"
    return Outcome(sum(len(verdict.outcomes) for verdict in verdicts), note)
