"""The stages as Prefect tasks: names, retries, progress and skipping; the work is in the modules of the verbs."""

from collections.abc import Sequence
from datetime import date
from functools import partial

from expectations import candidate_periods
from expectations.verdict import Verdict
from tasks.intake.gate import check_reject_rate
from tasks.intake.ingest import LoadContext, ingest_sources
from tasks.operation.gate_plans import waiting_step_plan
from tasks.operation.journal import Outcome
from tasks.operation.leftovers import remove_leftovers
from tasks.operation.maintain import others_at_work
from tasks.operation.validate import Gate, history_gates, pass_gates, spending_gates
from tasks.operation.verify import check_files, check_stale_months
from tasks.operation.watching import counting
from tasks.spending.aggregate import refresh_monthly
from tasks.spending.periods import refresh_by_period
from tasks.spending.remap import build_periods
from tasks.spending.remapped_units import TABLES as REMAPPED
from tasks.stages.crew import crew_of
from tasks.stages.stage import stage
from tasks.units.progress import silent
from tasks.units.unit import in_transaction_by_units
from warehouse.connection import connect, in_transaction
from warehouse.migrations import migrate
from warehouse.reference.content import ReferenceContent
from warehouse.reference.sets import ReferenceSet
from warehouse.reference.tables import Applied, apply_reference
from warehouse.settings import Settings

_CHANGES: dict[Applied, str] = {
    "applied": "applied the reference set",
    "relabelled": "updated the labels of the reference set",
    "waits": "the reference set on disk is waiting for a retraining",
}


@stage(name="prepare")
def prepare(
    settings: Settings, reference: ReferenceSet, retraining: bool = False, today: date | None = None
) -> Outcome:
    """Look at the data files, bring schema and, as the champion allows, reference tables up to date; tidy up.

    Args:
        settings: Settings of the warehouse.
        reference: The set on disk.
        retraining: Whether a set that waits may be taken.
        today: The date that the run is made for, where it reads no older ones: their files are not read again.
    """
    check_files(settings, today, crew_of(settings))
    with connect(settings) as connection:
        migrations = migrate(connection, settings.commit_attempts)
        applied = in_transaction(
            connection, lambda: apply_reference(connection, reference, retraining), settings.commit_attempts
        )
        removed = remove_leftovers(connection, settings)
    changes = [f"applied {len(migrations)} migrations"] * bool(migrations)
    changes += [_CHANGES[applied]] if applied in _CHANGES else []
    changes += [f"removed {removed} leftovers of killed runs"] * bool(removed)
    return Outcome(None, "; ".join(changes) or "up to date")


@stage(name="ingest")
def ingest(context: LoadContext, patterns: Sequence[str]) -> Outcome:
    """Load what the ledger does not hold yet."""
    done = ingest_sources(context, patterns, counting("ingest", "Sources loaded"), crew_of(context.settings))
    aside = f", {done.held} held back" * bool(done.held) + f", {done.withdrawn} withdrawn" * bool(done.withdrawn)
    if done.sources == done.unchanged + done.held + done.withdrawn:
        return Outcome(0, f"nothing new: {done.unchanged} of {done.sources} sources already loaded{aside}")
    note = f"{done.rejected:,} rejected, {done.duplicate:,} duplicates, {done.unclassified:,} unclassified{aside}"
    return Outcome(done.accepted, note)


@stage(name="reject-gate")
def reject_gate(settings: Settings) -> Outcome:
    """Say what is held back because too many of its rows were rejected; stop when nothing else is in."""
    held = check_reject_rate(settings)
    if not held:
        return Outcome(None, f"all loads within the limit of {settings.max_reject_rate:.1%}")
    return Outcome(None, f"{len(held)} {'load' if len(held) == 1 else 'loads'} held back: {'. '.join(held)}")


@stage(name="aggregate-months")
def aggregate_months(settings: Settings) -> Outcome:
    """Sum the months that changed, from rows that are as they were written."""
    check_stale_months(settings, crew_of(settings))
    bar = counting("aggregate-months", "Months summed")
    months = refresh_monthly(settings, bar, crew_of(settings))
    return Outcome(months, "months updated" if months else "no month changed")


@stage(name="aggregate-periods")
def aggregate_periods(settings: Settings, as_of: date, run_id: str) -> Outcome:
    """Write both windows of the business date."""
    bar = counting("aggregate-periods", "Steps written")
    written = refresh_by_period(settings, as_of, run_id, bar, crew_of(settings))
    return Outcome(written.rows, written.told(settings.min_segment_size))


@stage(name="validate-spending")
def validate_spending(
    settings: Settings, reference: ReferenceSet, as_of: date, received_on: date, run_id: str
) -> Outcome:
    """Pass the gates of raw rows, months and periods.

    Args:
        settings: Settings of the warehouse.
        reference: Bounds of the contract.
        as_of: Business date of the periods.
        received_on: No row can have been booked after this day.
        run_id: The run.

    Raises:
        GateError: A gate is closed.
    """
    gates = spending_gates(settings, reference, as_of, received_on)
    return gate_outcome(_passed(settings, gates, as_of, run_id))


@stage(name="validate-history")
def validate_history(
    settings: Settings, reference: ReferenceSet, as_of: date, received_on: date, run_id: str
) -> Outcome:
    """Pass the gates of raw rows and months once more, over all months; not while another run is changing some."""
    if others_at_work(settings, run_id):
        return Outcome(0, "not looked at: another run is at work")
    return gate_outcome(_passed(settings, history_gates(settings, reference, received_on), as_of, run_id))


def _passed(settings: Settings, gates: Sequence[Gate], as_of: date, run_id: str) -> list[Verdict]:
    if (crew := crew_of(settings)) is None:
        return pass_gates(settings, gates, as_of, run_id)
    bar = counting("gates-of-spending", "Questions of the gates answered")
    return pass_gates(settings, gates, as_of, run_id, crew, bar)


@stage(name="remap")
def remap(settings: Settings, content: ReferenceContent, as_of: date, run_id: str) -> Outcome:
    """Sum spending under a reference version that is not active, beside the tables, and let it pass its gate.

    Args:
        settings: Settings of the warehouse.
        content: The version; where it is the active one, nothing is done.
        as_of: Business date.
        run_id: The run.

    Raises:
        GateError: The gate of the periods is closed.
    """
    with connect(settings) as connection:
        if connection.execute("SELECT reference_version FROM ref.sets").fetchone() == (content.version,):
            return Outcome(None, "the active version of the reference set")
        crew = crew_of(settings)
        bar = counting("remap", "Months and periods summed") if crew else silent
        build = partial(build_periods, connection, content, as_of, settings)
        steps = in_transaction_by_units(connection, build, crew, REMAPPED, settings.commit_attempts, bar)
    suite = candidate_periods.suite(as_of, content.version)
    subjects = {str(step.period_id): run_id for step in steps}
    _passed(settings, [Gate(suite, subjects, partial(waiting_step_plan, as_of=as_of, suite=suite))], as_of, run_id)
    return Outcome(len(steps), f"periods under {content.name} {content.version[:12]}")


def gate_outcome(verdicts: Sequence[Verdict]) -> Outcome:
    """Return what a gate reports: expectations checked, and warnings by name."""
    if not verdicts:
        return Outcome(0, "unchanged since they last passed")
    warnings = [outcome.line for verdict in verdicts for outcome in verdict.warnings]
    note = f"{len(warnings)} warnings: {'; '.join(warnings)}" if warnings else "all expectations met"
    return Outcome(sum(len(verdict.outcomes) for verdict in verdicts), note)
