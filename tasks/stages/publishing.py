"""The last stage of every flow that changes what readers see: release, then exports, then word to the others."""

from datetime import date

from prefect.events import emit_event

from tasks.operation.exported import LATEST, stale_exports
from tasks.operation.journal import Outcome
from tasks.publishing.announcement import EVENT, RESOURCE, mark_announced, read_payload
from tasks.publishing.exports import export
from tasks.publishing.release import Promotion, release_candidate
from tasks.science.model_store import load_version
from tasks.stages.stage import stage
from warehouse.connection import connect, in_transaction
from warehouse.settings import Settings


@stage(name="release")
def release(settings: Settings, as_of: date, run_id: str, promotion: Promotion | None = None) -> Outcome:
    """Move the candidate of a date to where readers look, then write its Parquet files.

    A run that was killed between the two is healed by the next, whatever its date: the files of all dates are compared
    with their releases.

    Args:
        settings: Settings of the warehouse.
        as_of: Business date; its candidate has passed the gates, or there is none.
        run_id: Recorded as the writer.
        promotion: Makes the candidate's model the champion.

    Raises:
        ModelError: A gate has not passed the candidate, or another model became champion meanwhile.
    """
    with connect(settings) as connection:
        candidate = in_transaction(
            connection,
            lambda: release_candidate(connection, settings, as_of, run_id, promotion),
            settings.commit_attempts,
        )
    folder = _export(settings, as_of, anew=False)
    for day in _stale_dates(settings, as_of):
        _export(settings, day, anew=False)
    return Outcome(None, folder if candidate else f"unchanged since its release; {folder}")


def _stale_dates(settings: Settings, released: date) -> list[date]:
    with connect(settings, read_only=True) as connection:
        stale = [what for what, _ in stale_exports(connection, settings) if what != LATEST]
    return [day for day in map(date.fromisoformat, stale) if day != released]


@stage(name="republish")
def republish(settings: Settings, as_of: date, anew: bool = True) -> Outcome:
    """Write the Parquet files of a released date."""
    return Outcome(None, _export(settings, as_of, anew))


def _export(settings: Settings, as_of: date, anew: bool) -> str:
    with connect(settings, read_only=True) as connection:
        text = "SELECT model_version FROM segments.releases WHERE as_of = $1"
        row = connection.execute(text, [as_of]).fetchone()
        window_name = load_version(connection, row[0]).window_name if row else ""
    return str(export(settings, as_of, window_name, anew))


def announce(settings: Settings, as_of: date) -> dict[str, str | int]:
    """Emit `microseg.segments.published`, unless this release was announced before.

    Args:
        settings: The warehouse.
        as_of: Business date that was released.

    Returns:
        The payload: as_of, model_version, snapshot_id and the rows of each published table; empty where nothing was
        to be told. A reader that attaches the lake `AT (VERSION => snapshot_id)` sees these very rows, whatever is
        published later.
    """
    payload = read_payload(settings, as_of)
    if payload:
        resource = {"prefect.resource.id": RESOURCE, "prefect.resource.name": "segments", "microseg.as-of": str(as_of)}
        emit_event(EVENT, resource=resource, payload=dict(payload))
        mark_announced(settings, as_of)
    return payload
