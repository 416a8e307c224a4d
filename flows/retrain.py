"""The flows that change the champion: retrain, promote a waiting challenger, roll back. All end in the release."""

from datetime import date

from prefect import flow, get_run_logger
from prefect.artifacts import create_markdown_artifact

from flows.business_date import business_date
from flows.names import dated
from flows.release import build_and_release
from flows.runner import CHOSEN
from tasks.operation.journal import Journal
from tasks.operation.reference_choice import read_configured
from tasks.publishing.decision_tables import decision_page, verdict_line
from tasks.publishing.release import Promotion
from tasks.publishing.standing import current_date, not_before_current
from tasks.science.champions import Unfinished, check_reference_stays, find_unfinished, predecessor, reference_of
from tasks.science.retrain import Decision, Promote
from tasks.stages.crew import crew_of
from tasks.stages.freshness import validate_freshness
from tasks.stages.publishing import announce, republish
from tasks.stages.reporting import report
from tasks.stages.science import challenge
from tasks.stages.spending import aggregate_months, aggregate_periods, prepare, remap, validate_spending
from warehouse.connection import connect
from warehouse.reference.sets import load_reference
from warehouse.settings import Settings


@flow(name="retrain", flow_run_name=dated("retrain"), retries=0, task_runner=CHOSEN)
def retrain(as_of: date | None = None, promote: Promote = "auto", reference: str = "") -> Decision:
    """Train a challenger and let it replace the champion if it is not worse.

    It is trained with the reference set on disk. The champion, its features and its segments change together, in one
    commit; so do the classes of all rows when the reference set has changed. `microseg rollback` undoes a promotion.

    Args:
        as_of: Business date of the training data, not earlier than the published one. Empty: the date for which this
            run was scheduled.
        promote: auto: if the gates allow it. never: keep the challenger for a person to review. force: whatever the
            gates say.
        reference: Name or folder of another reference set. Empty: the configured one.

    Returns:
        What became of the challenger, and why.

    Raises:
        MicrosegError: The date is older than what is published, or a gate is closed; the champion stays.
    """
    settings = Settings()
    wanted = load_reference(reference) if reference else read_configured(settings)
    day = as_of or business_date(settings)
    prepare(settings, wanted, retraining=True, today=day)
    not_before_current(settings, day)
    with Journal(settings, "retrain", day, crew_of(settings)) as journal:
        journal.run(aggregate_months, settings)
        journal.run(aggregate_periods, settings, day, journal.run_id)
        journal.run(validate_spending, settings, wanted, day, business_date(settings), journal.run_id)
        journal.run(validate_freshness, settings, day, journal.run_id)
        journal.run(remap, settings, wanted, day, journal.run_id)
        decision = challenge(settings, wanted, day, promote, journal.run_id)
        _leave_report(decision, day)
        if decision.promoted:
            promotion = Promotion("promoted", decision.reason)
            build_and_release(journal.run, settings, day, decision.version, journal.run_id, promotion)
            announce(settings, day)
            journal.run(report, settings, [day])
    return decision


@flow(name="promote", flow_run_name=dated("promote", "version"), retries=0, task_runner=CHOSEN)
def promote_version(version: str, move_reference: bool = False) -> date:
    """Promote a waiting challenger to champion, on the published date.

    Args:
        version: As in models.versions.
        move_reference: Also move the warehouse to the version of the reference set that it was trained under.

    Returns:
        The date that was released.

    Raises:
        MicrosegError: There is no such model, a gate is closed, or the reference set would move unasked; the champion
            stays.
    """
    settings = Settings()
    prepare(settings, read_configured(settings))
    if not move_reference:
        check_reference_stays(settings, version)
    return _replace_champion("promote", version, Promotion("promoted", "promoted by a person"))


@flow(name="rollback", flow_run_name=dated("rollback"), retries=0, task_runner=CHOSEN)
def rollback() -> tuple[str, str]:
    """Restore the previous champion, with its features and segments, on the published date.

    One that was stopped after its release is finished when it is run again; it does not go back another step.

    Returns:
        The version taken out and the version put back.

    Raises:
        MicrosegError: There is no earlier champion, or a gate is closed; the champion stays.
    """
    settings = Settings()
    prepare(settings, read_configured(settings))
    with connect(settings, read_only=True) as connection:
        unfinished = find_unfinished(connection, "rollback")
    if unfinished:
        _finish("rollback", settings, unfinished)
        return unfinished.previous, unfinished.version
    with connect(settings, read_only=True) as connection:
        champion, earlier = predecessor(connection)
    _replace_champion("rollback", earlier.version, Promotion("rolled_back", f"in place of {champion.version}"))
    return champion.version, earlier.version


def _replace_champion(flow_name: str, version: str, promotion: Promotion) -> date:
    settings = Settings()
    reference = read_configured(settings)
    day = current_date(settings)
    with Journal(settings, flow_name, day, crew_of(settings)) as journal:
        journal.run(aggregate_months, settings)
        journal.run(aggregate_periods, settings, day, journal.run_id)
        journal.run(validate_spending, settings, reference, day, business_date(settings), journal.run_id)
        journal.run(remap, settings, reference_of(settings, version), day, journal.run_id)
        build_and_release(journal.run, settings, day, version, journal.run_id, promotion)
        announce(settings, day)  # a run that is over has told of it: one that is killed here is finished by the next
        journal.run(report, settings, [day])
    return day


def _finish(flow_name: str, settings: Settings, unfinished: Unfinished) -> None:
    """Do what was left to do when an earlier run was stopped behind its commit: files and word to the others."""
    get_run_logger().warning("an earlier run was stopped after its release of %s; finishing it now", unfinished.as_of)
    with Journal(settings, flow_name, unfinished.as_of, crew_of(settings)) as journal:
        journal.run(republish, settings, unfinished.as_of, anew=False)
        announce(settings, unfinished.as_of)
        journal.run(report, settings, [unfinished.as_of])


def _leave_report(decision: Decision, day: date) -> None:
    page = decision_page(decision, day)
    create_markdown_artifact(page, key="retrain-report", description=verdict_line(decision))
