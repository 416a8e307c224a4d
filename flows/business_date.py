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

    scheduled = flow_run.scheduled_start_time
    return scheduled.astimezone(ZoneInfo(settings.timezone)).date() if scheduled else today(settings)


def today(settings: Settings) -> date:
    """Return the current date in the configured time zone: nothing can have been booked after it."""
    return datetime.now(UTC).astimezone(ZoneInfo(settings.timezone)).date()
