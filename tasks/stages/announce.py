"""Announce: an event for other teams' automations, once segments are published."""

from datetime import date

from prefect.events import emit_event

from warehouse.connection import connect
from warehouse.queries import query
from warehouse.settings import Settings

EVENT = "microseg.segments.published"
RESOURCE = "microseg.segments"


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
