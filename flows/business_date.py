"""The business date of a run: a date of the bank's zone, never the machine's clock by accident."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from warehouse.settings import Settings


def business_date(settings: Settings) -> date:
    """Return the date on which the present flow run was scheduled, in the configured time zone.

    A run that starts late, or is run again the morning after, keeps the date that it was scheduled for.
    Outside of a flow run it is the current date in that zone.
    """
    from prefect.runtime import flow_run

    scheduled = flow_run.scheduled_start_time or datetime.now(UTC)
    return scheduled.astimezone(ZoneInfo(settings.timezone)).date()
