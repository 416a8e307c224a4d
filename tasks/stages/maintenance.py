"""The stages of a maintenance as Prefect tasks."""

from datetime import datetime

from tasks.operation.expiry import expire, remove_files
from tasks.operation.exported import remove_exports
from tasks.operation.journal import Outcome
from tasks.operation.leftovers import remove_leftovers
from tasks.operation.maintain import let_dates_go, others_at_work
from tasks.operation.merging import merge
from tasks.operation.orphans import let_go_of_orphans
from tasks.operation.reported import remove_reports
from tasks.operation.retention import read_retention
from tasks.operation.tables import counted
from tasks.operation.verify import check_files
from tasks.operation.watching import counting
from tasks.stages.crew import crew_of
from tasks.stages.stage import stage
from warehouse.connection import connect
from warehouse.migrations import migrate
from warehouse.settings import Settings

BESIDE = "nothing merged: another run is at work"
STRANGE = (
    "{strange} below MICROSEG_DATA_PATH that no snapshot has and no run of this warehouse made: no orphan was removed, "
    "see docs/operations.md (orphans)"
)


@stage(name="inspect")
def inspect(settings: Settings) -> Outcome:
    """Look at all data files, and bring the schema up to date."""
    report = check_files(settings, crew=crew_of(settings))
    with connect(settings) as connection:
        migrate(connection, settings.commit_attempts)
    return Outcome(report.files, report.line)


@stage(name="let-go")
def let_go(settings: Settings, run_id: str) -> Outcome:
    """Let go of the daily rows of dates beyond MICROSEG_KEEP_DAYS."""
    dates = let_dates_go(settings, run_id)
    if not dates:
        return Outcome(0, f"no date is older than {settings.keep_days} days, but month ends")
    return Outcome(len(dates), f"business dates from {dates[0]} to {dates[-1]}, their segments stay")


@stage(name="clear-exports")
def clear_exports(settings: Settings) -> Outcome:
    """Remove the exports and reports of dates that were let go of, and what killed runs left."""
    with connect(settings) as connection:
        gone = read_retention(connection, settings).gone
        leftovers = remove_leftovers(connection, settings)
    folders = remove_exports(settings, gone) + remove_reports(settings, gone)
    return Outcome(
        folders + leftovers,
        f"{counted(folders, 'folder')} of exports and reports, {counted(leftovers, 'leftover')} of killed runs",
    )


@stage(name="merge-files")
def merge_files(settings: Settings, run_id: str) -> Outcome:
    """Merge small files, unless another run would have to start over because of that."""
    if others_at_work(settings, run_id):
        return Outcome(0, BESIDE)
    done = merge(settings, counting("maintain", "Parts of tables merged"))
    return Outcome(done.parts, f"parts of tables merged, out of {counted(done.files, 'file')}")


@stage(name="expire-snapshots")
def expire_snapshots(settings: Settings, now: datetime) -> Outcome:
    """Forget snapshots older than MICROSEG_KEEP_SNAPSHOT_DAYS."""
    return Outcome(expire(settings, now), f"snapshots older than {settings.keep_snapshot_days} days forgotten")


@stage(name="remove-files")
def remove_old_files(settings: Settings, now: datetime, run_id: str) -> Outcome:
    """Remove files that no snapshot has had for two days, and orphans below MICROSEG_DATA_PATH."""
    left = let_go_of_orphans(settings, now, run_id)
    removed = remove_files(settings, now)
    told = [f"files removed, of these {counted(len(left.places), 'orphan')}"] if left.places else ["files removed"]
    told += [STRANGE.format(strange=counted(left.strange, "file"))] * bool(left.strange)
    return Outcome(removed, "; ".join(told))
