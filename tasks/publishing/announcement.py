"""Announcement: what other teams' automations are told once a date is released."""

from datetime import date

from warehouse.connection import connect, in_transaction
from warehouse.queries import query
from warehouse.settings import Settings

EVENT = "microseg.segments.published"
RESOURCE = "microseg.segments"


def read_payload(settings: Settings, as_of: date) -> dict[str, str | int]:
    """Return what the event says, keys and counts only; empty when this release was announced before."""
    with connect(settings, read_only=True) as connection:
        text = "SELECT 1 FROM segments.releases WHERE as_of = $1 AND announced_at IS NULL"
        if connection.execute(text, [as_of]).fetchone() is None:
            return {}
        result = connection.execute(query("ops/announce_published"), {"as_of": as_of})
        names = [column[0] for column in result.description or []]
        return dict(zip(names, result.fetchall()[0], strict=True))


def mark_announced(settings: Settings, as_of: date) -> None:
    """Note that the release of a date was announced."""
    text = "UPDATE segments.releases SET announced_at = now() WHERE as_of = $1"
    with connect(settings) as connection:
        in_transaction(connection, lambda: connection.execute(text, [as_of]), settings.commit_attempts)
