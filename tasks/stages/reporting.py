"""After a release: the page that shows it to those who write no SQL."""

from collections.abc import Sequence
from datetime import date

from tasks.operation.exported import released
from tasks.operation.journal import Outcome
from tasks.operation.reported import stale_reports
from tasks.operation.watching import counting
from tasks.report.write import write_report
from tasks.stages.crew import crew_of
from tasks.stages.stage import stage
from warehouse.connection import connect
from warehouse.settings import Settings


@stage(name="report")
def report(settings: Settings, dates: Sequence[date]) -> Outcome:
    """Write the pages of dates that were released, and those that a killed run left behind.

    Args:
        settings: `home` takes them.
        dates: Business dates; those that are not released have no page.
    """
    with connect(settings, read_only=True) as connection:
        known = {release["as_of"] for release in released(connection)}
        stale = {day for day, _ in stale_reports(connection, settings)}
    wanted = sorted({str(day) for day in dates} & known | stale)
    told, pages = counting("report", "Pages written"), []
    for done, day in enumerate(wanted):
        told(done, len(wanted), day)
        pages.append(write_report(settings, date.fromisoformat(day), crew_of(settings)))
    if not pages:
        return Outcome(None, "nothing is released")
    return Outcome(None, str(pages[-1]))
