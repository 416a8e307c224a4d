"""The nightly flow: from the sources to a release that has passed every gate."""

from datetime import date, timedelta

from prefect import flow, get_run_logger
from prefect.artifacts import create_link_artifact, create_markdown_artifact

from flows.business_date import business_date, today
from flows.names import dated
from flows.release import build_candidate
from flows.runner import CHOSEN
from tasks.intake.arrival import await_sources
from tasks.intake.ingest import LoadContext
from tasks.operation.journal import Journal, StageReport
from tasks.operation.reference_choice import read_configured
from tasks.operation.reported import report_page
from tasks.publishing.digest import digest
from tasks.publishing.summarize import Summary, summarize
from tasks.stages.crew import crew_of
from tasks.stages.freshness import validate_freshness
from tasks.stages.publishing import announce, release
from tasks.stages.reporting import report
from tasks.stages.science import drift, train_first
from tasks.stages.spending import aggregate_months, aggregate_periods, ingest, prepare, reject_gate, validate_spending
from warehouse.errors import MicrosegError
from warehouse.settings import Settings
from warehouse.sources.feeds import entries_of


@flow(name="nightly", flow_run_name=dated("nightly"), retries=0, task_runner=CHOSEN)
def nightly(as_of: date | None = None) -> tuple[Summary, list[StageReport]]:
    """Load new data, update what it changes, check the result, and release it.

    Args:
        as_of: Business date of the tables. Empty: the date for which this run was scheduled.

    Returns:
        The summary of the warehouse and the stages with their seconds and rows.

    Raises:
        MicrosegError: In one line, what is wrong and what to do.
    """
    settings = Settings()
    if not settings.source:
        raise MicrosegError("no source: set MICROSEG_SOURCE, or give --source or --sample")
    reference = read_configured(settings)
    day = as_of or business_date(settings)
    prepare(settings, reference, today=day)
    with Journal(settings, "nightly", day, crew_of(settings)) as journal:
        context = LoadContext(settings, reference, journal.run_id, today(settings), settings.source_query)
        with journal.stage("await sources"):
            patience = timedelta(minutes=settings.source_patience_minutes)
            await_sources(settings, entries_of(settings.source), patience, get_run_logger().warning)
        journal.run(ingest, context, entries_of(settings.source))
        journal.run(reject_gate, settings)
        journal.run(aggregate_months, settings)
        journal.run(aggregate_periods, settings, day, journal.run_id)
        journal.run(validate_spending, settings, reference, day, context.received_on, journal.run_id)
        journal.run(validate_freshness, settings, day, journal.run_id, True)
        journal.run(train_first, settings, reference, day, journal.run_id)
        build_candidate(journal.run, settings, day, "", journal.run_id)
        journal.run(drift, settings, day, journal.run_id)
        journal.run(release, settings, day, journal.run_id)
        announce(settings, day)  # a run that is over has told of it
        journal.run(report, settings, [day])
        summary = summarize(settings, day, crew_of(settings))
    page = report_page(settings.home.resolve(), day)
    told = digest(settings, day, journal.run_id, journal.stages, crew_of(settings), {"Report": str(page)})
    create_markdown_artifact(told.markdown, key="nightly-summary", description=told.headline)
    create_link_artifact(page.as_uri(), f"Report of {day}", key="report", description=told.headline)
    return summary, journal.stages
