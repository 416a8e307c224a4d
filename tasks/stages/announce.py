"""Announce: events for automations: segments are published, or a feed falls silent."""

from collections.abc import Sequence
from datetime import date
from hashlib import sha256

from prefect.events import emit_event

from tasks.operation.freshness import Feed
from warehouse.connection import connect
from warehouse.queries import query
from warehouse.settings import Settings

EVENT = "microseg.segments.published"
RESOURCE = "microseg.segments"
SILENT = "microseg.feed.silent"
FEED = "microseg.feed."


def announce(settings: Settings, as_of: date) -> dict[str, str | int]:
    """Emit `microseg.segments.published`.

    Args:
        settings: The warehouse.
        as_of: Business date that was published.

    Returns:
        The payload: as_of, model_version, snapshot_id and the rows of each published table. A reader that attaches
        the lake `AT (VERSION => snapshot_id)` sees these very rows, whatever is published later.
    """
    payload = read_payload(settings, as_of)
    resource = {"prefect.resource.id": RESOURCE, "prefect.resource.name": "segments", "microseg.as-of": str(as_of)}
    emit_event(EVENT, resource=resource, payload=dict(payload))
    return payload


def read_payload(settings: Settings, as_of: date) -> dict[str, str | int]:
    """Return what the event says; keys and counts only."""
    with connect(settings, read_only=True) as connection:
        found = connection.execute(query("ops/announce_published"), {"as_of": as_of})
        names = [column[0] for column in found.description or []]
        return dict(zip(names, found.fetchall()[0], strict=True))


def warn_of_silence(feeds: Sequence[Feed], as_of: date, limit: int) -> None:
    """Emit `microseg.feed.silent` for each feed that is near its limit; a dead one fails the run, an alarm of its own.

    Args:
        feeds: Those to warn of.
        as_of: Business date.
        limit: Days of silence that are let pass.
    """
    for feed in feeds:
        key = sha256(feed.name.encode()).hexdigest()[:16]  # a name may hold characters that a resource must not
        resource = {"prefect.resource.id": FEED + key, "prefect.resource.name": feed.name}
        payload = {
            "feed": feed.name,
            "newest_booking": str(feed.newest_booking),
            "as_of": str(as_of),
            "silent_days": feed.silent_days,
            "limit": limit,
        }
        emit_event(SILENT, resource=resource, payload=payload)
