"""Standing: which date readers see, and which changes it forbids."""

from datetime import date

from warehouse.connection import connect
from warehouse.errors import MicrosegError
from warehouse.settings import Settings


def published_date(settings: Settings) -> date | None:
    """Return the date that segments.current speaks of; None before the first release."""
    with connect(settings, read_only=True) as connection:
        row = connection.execute("SELECT max(as_of) FROM segments.current").fetchone()
    return row[0] if row else None


def current_date(settings: Settings) -> date:
    """Return the date that segments.current speaks of.

    Raises:
        MicrosegError: Nothing is published yet.
    """
    day = published_date(settings)
    if day is None:
        raise MicrosegError("nothing is published yet: run `microseg run` first")
    return day


def unreleased_line(as_of: date) -> str:
    """Return in one line that a date is not released, and what releases it."""
    return f"{as_of} is not released: run `microseg backfill {as_of} {as_of} --every day --for-real`"


def not_before_current(settings: Settings, as_of: date) -> None:
    """Refuse to change the champion at a date older than the one that is published.

    Features and segments of a promotion move together; those of the published date would stay with the old model.

    Raises:
        MicrosegError: `as_of` is older.
    """
    day = published_date(settings)
    if day is not None and as_of < day:
        raise MicrosegError(
            f"segments of {day} are published: a champion trained as of {as_of} could not replace them; "
            f"retrain as of {day} or later"
        )
