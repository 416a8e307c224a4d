"""The backfill flow: past business dates worked through one by one inside one run."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Annotated

from prefect import flow, get_run_logger
from prefect.artifacts import create_markdown_artifact
from pydantic import Field

from flows.business_date import today
from flows.crashes import report_crash
from flows.release import build_and_release, directly
from flows.runner import CHOSEN
from tasks.intake.ingest import LoadContext
from tasks.operation.backfill import mark, request, skip, without_segments
from tasks.operation.journal import Journal
from tasks.operation.reference_choice import read_configured
from tasks.operation.tables import counted
from tasks.operation.watching import counting, under_way
from tasks.operation.windows import Every, Stages, Which, Window, business_dates, plan
from tasks.publishing.backfill_tables import AGAIN, preview_page, read_rebuilt, rebuilt_line, result_page
from tasks.stages.crew import crew_of
from tasks.stages.freshness import validate_freshness
from tasks.stages.publishing import republish
from tasks.stages.reporting import report
from tasks.stages.spending import (
    aggregate_months,
    aggregate_periods,
    ingest,
    prepare,
    reject_gate,
    validate_spending,
)
from warehouse.errors import MicrosegError
from warehouse.reference.sets import ReferenceSet
from warehouse.settings import Settings
from warehouse.sources.feeds import entries_of


@flow(name="backfill", flow_run_name="backfill-{start}-{end}", retries=0, task_runner=CHOSEN)
def backfill(
    start: date,
    end: date,
    which: Which = "all",
    every: Every = "month",
    stages: Stages = "recompute",
    dry_run: bool = True,
    max_parallel: Annotated[int, Field(ge=1, le=8)] = 1,
) -> list[Window]:
    """Rebuild the tables of past business dates from the data as it is today, the newest date first.

    segments.current never moves to an older date, and the nightly schedule is not affected. Dates without rows, or
    beyond the newest row, are skipped. A date that fails does not stop the others; the run fails at the end if any did.
    To continue, run it again: finished dates cost nothing.

    Args:
        start: First day of the range.
        end: Last day of the range, included.
        which: missing: dates without segments. failed: dates whose last backfill failed or was stopped. stale:
            published dates for which late rows came, or whose model, reference set, rule or code has changed since.
            all: every date.
        every: One date per month (its last day), per week (Sunday) or per day.
        stages: recompute: periods, features and segments. reload: read the sources again first. republish: only
            write the Parquet files again.
        dry_run: Only show what would be rebuilt and how much data there is; nothing is written. Switch off to rebuild.
        max_parallel: How many dates to rebuild at the same time; each writes its own partitions.

    Returns:
        The dates with what there was for them before.
    """
    settings = Settings()
    reference = read_configured(settings)
    dates = business_dates(start, end, every)
    prepare(settings, reference)
    title = f"Backfill {start} to {end}"
    windows = plan(settings, dates, which, stages)
    page = preview_page(f"{title}, {'dry run' if dry_run else stages}", windows, which, dry_run)
    create_markdown_artifact(page, key="backfill-preview", description=title)
    if dry_run or not (windows or stages == "reload"):
        return windows
    with Journal(settings, "backfill", end, crew_of(settings)) as journal:
        if stages == "reload":
            reload_sources(settings, reference, journal)
            windows = plan(settings, dates, which, stages)  # of what came with it, too
        elif stages == "recompute":
            journal.run(aggregate_months, settings)  # of what was replayed, withdrawn or classed anew since
        with leaving_result(settings, "backfill-result", title):
            rebuild_dates(settings, reference, windows, stages, journal.run_id, max_parallel)
    return windows


@contextmanager
def leaving_result(settings: Settings, key: str, title: str) -> Iterator[None]:
    """Leave what became of each date in the Prefect UI, also when some failed or the run was stopped.

    Args:
        settings: The warehouse.
        key: Of the artifact.
        title: Its headline.
    """
    since = datetime.now(UTC)
    try:
        yield
    finally:
        if rebuilt := read_rebuilt(settings, since):
            create_markdown_artifact(result_page(title, rebuilt), key=key, description=rebuilt_line(rebuilt))


def reload_sources(settings: Settings, reference: ReferenceSet, journal: Journal) -> None:
    """Load what is new in the sources and sum the months that it touches.

    Args:
        settings: The sources.
        reference: Their contract.
        journal: Of the run.

    Raises:
        MicrosegError: There is no source, or all that is new is held back.
    """
    if not settings.source:
        raise MicrosegError("no source to read again: set MICROSEG_SOURCE")
    context = LoadContext(settings, reference, journal.run_id, today(settings), settings.source_query)
    journal.run(ingest, context, entries_of(settings.source))
    journal.run(reject_gate, settings)
    journal.run(aggregate_months, settings)


def rebuild_dates(
    settings: Settings,
    reference: ReferenceSet,
    windows: Sequence[Window],
    stages: Stages,
    run_id: str,
    max_parallel: int = 1,
) -> None:
    """Work through the dates in their order, each recorded in ops.backfill; those to be skipped with why.

    Args:
        settings: Settings of the warehouse.
        reference: Bounds of the contract, for the gates.
        windows: Business dates; each is a commit of its own.
        stages: As `backfill`.
        run_id: The run.
        max_parallel: How many dates at the same time.

    Raises:
        MicrosegError: After the last one, if any failed.
    """
    skip(settings, windows, stages, run_id)
    dates = [window.as_of for window in windows if not window.skipped]
    if not dates:
        return
    request(settings, dates, stages, run_id)
    failed = _work_through(settings, reference, dates, stages, run_id, max_parallel)
    report(settings, sorted(set(dates) - set(failed)))
    if failed:
        raise MicrosegError(f"{len(failed)} of {counted(len(dates), 'date')} failed, the first is {failed[0]}; {AGAIN}")


def _work_through(
    settings: Settings, reference: ReferenceSet, dates: list[date], stages: Stages, run_id: str, max_parallel: int
) -> list[date]:
    from concurrent.futures import ThreadPoolExecutor, as_completed
    from contextvars import copy_context

    # Each thread gets the run's context, so that its tasks belong to this run.
    pool = ThreadPoolExecutor(max_parallel)
    work = {
        pool.submit(copy_context().run, _one_date, settings, reference, as_of, stages, run_id): as_of for as_of in dates
    }
    try:
        with under_way("backfill", is_whole=False):
            bar = counting("backfill", "Business dates")
            for done, future in enumerate(as_completed(work), start=1):
                future.result()
                bar(done, len(dates), str(work[future]))
    finally:
        # A run that is cancelled ends after the date in hand; the others stay requested.
        pool.shutdown(cancel_futures=True)
    return sorted(as_of for future, as_of in work.items() if not future.result())


def _one_date(settings: Settings, reference: ReferenceSet, as_of: date, stages: Stages, run_id: str) -> bool:
    """Rebuild one date; False when it failed."""
    mark(settings, run_id, as_of, "running")
    try:
        if stages == "republish":
            republish(settings, as_of)
        else:
            aggregate_periods(settings, as_of, run_id)
            validate_spending(settings, reference, as_of, today(settings), run_id)
            validate_freshness(settings, as_of, run_id)
            build_and_release(directly, settings, as_of, "", run_id)
    except Exception as error:  # noqa: BLE001 - one bad date must not cost the others
        message = str(error) if isinstance(error, MicrosegError) else report_crash(error)
        get_run_logger().error("%s failed: %s", as_of, message)
        mark(settings, run_id, as_of, "failed", message)
        return False
    nobody = "" if stages == "republish" else without_segments(settings, as_of)
    mark(settings, run_id, as_of, "skipped" if nobody else "succeeded", nobody)
    return True
