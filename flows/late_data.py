"""The late-data flow: rows that came after their night, brought into every date that was published without them."""

from typing import Annotated

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from pydantic import Field

from flows.backfill import leaving_result, rebuild_dates, reload_sources
from flows.business_date import business_date
from flows.names import dated
from flows.runner import CHOSEN
from tasks.operation.journal import Journal
from tasks.operation.reference_choice import read_configured
from tasks.operation.windows import Window, preview, published_dates
from tasks.publishing.backfill_tables import preview_page
from tasks.stages.crew import crew_of
from tasks.stages.spending import prepare
from warehouse.settings import Settings


@flow(name="late-data", flow_run_name=dated("late-data"), retries=0, task_runner=CHOSEN)
def late_data(lookback_days: Annotated[int, Field(ge=1, le=3660)] = 60) -> list[Window]:
    """Add late rows to the dates that were published without them.

    Months in which rows arrived are summed again, and the dates published within the look-back period are
    rebuilt. Where nothing came late, nothing is rebuilt.

    Args:
        lookback_days: How many days back to check the published dates.

    Returns:
        The dates, with whether they were up to date before.
    """
    settings = Settings()
    reference = read_configured(settings)
    day = business_date(settings)
    prepare(settings, reference)
    with Journal(settings, "late-data", day, crew_of(settings)) as journal:
        reload_sources(settings, reference, journal)
        windows = preview(settings, published_dates(settings, day, lookback_days))
        stale = [window for window in windows if window.moved]  # features that retention let go of stay away
        title = f"Late data: published dates of the last {lookback_days} days"
        page = preview_page(title, windows[::-1], "stale", dry_run=False)
        create_markdown_artifact(page, key="late-data", description=title)
        with leaving_result(settings, "late-data-result", "Late data"):
            rebuild_dates(settings, reference, stale[::-1], "recompute", journal.run_id)
    return windows
