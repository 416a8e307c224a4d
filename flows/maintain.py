"""The maintenance flow: old daily rows go, small files are merged, old snapshots and their files are removed."""

from collections.abc import Sequence
from datetime import UTC, datetime

from prefect import flow
from prefect.artifacts import create_markdown_artifact

from flows.business_date import business_date, today
from flows.names import dated
from flows.runner import CHOSEN
from tasks.operation.journal import Journal, StageReport
from tasks.operation.maintain import Footprint, Maintained, measure
from tasks.operation.reference_choice import read_configured
from tasks.operation.tables import render_markdown
from tasks.stages.crew import crew_of
from tasks.stages.maintenance import (
    BESIDE,
    clear_exports,
    expire_snapshots,
    inspect,
    let_go,
    merge_files,
    remove_old_files,
)
from tasks.stages.spending import validate_history
from warehouse.settings import Settings


@flow(name="maintain", flow_run_name=dated("maintain"), retries=0, task_runner=CHOSEN)
def maintain() -> Maintained:
    """Keep the warehouse from growing without bound, and look at all of its history once more.

    Gates of raw rows and months are asked of all months: a night trusts what has passed and not changed since.
    The daily features and periods of business dates beyond MICROSEG_KEEP_DAYS are let go of, but for month ends; their
    segments stay, and a backfill makes a date again. Small files are merged, snapshots beyond
    MICROSEG_KEEP_SNAPSHOT_DAYS forgotten, and files that none has any more removed. It can be stopped at any moment and
    run again; a second run finds nothing to do.

    Returns:
        What was done, and what the warehouse takes before and after.

    Raises:
        MicrosegError: A data file is damaged, a gate is closed, or another writer kept the warehouse busy.
    """
    settings, now = Settings(), datetime.now(UTC)
    before = measure(settings)
    inspect(settings)
    reference, day = read_configured(settings), business_date(settings)
    with Journal(settings, "maintain", day, crew_of(settings)) as journal:
        # First: an older state that a fault can be restored from is not forgotten yet.
        journal.run(validate_history, settings, reference, day, today(settings), journal.run_id)
        journal.run(let_go, settings, journal.run_id)
        journal.run(clear_exports, settings)
        journal.run(merge_files, settings, journal.run_id)
        journal.run(expire_snapshots, settings, now)
        journal.run(remove_old_files, settings, now, journal.run_id)
    _, *stages = journal.stages
    done = _told(stages, before, measure(settings))
    create_markdown_artifact(render_markdown(done.table()), key="maintenance", description=done.headline)
    return done


def _told(stages: Sequence[StageReport], before: Footprint, after: Footprint) -> Maintained:
    dates, exports, merged, expired, removed = (report.rows or 0 for report in stages)
    skipped = [BESIDE] * any(report.note == BESIDE for report in stages)
    skipped += [left for _, _, left in [stages[-1].note.partition("; ")] if left]
    return Maintained(before, after, dates, merged, expired, exports + removed, "; ".join(skipped))
