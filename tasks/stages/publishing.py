"""The last stage of every flow that changes what readers see: release, then exports, then word to the others."""

from datetime import date

from prefect.events import emit_event

from tasks.operation.exported import LATEST, stale_exports
from tasks.operation.journal import Outcome
from tasks.publishing.announcement import EVENT, RESOURCE, mark_announced, read_payload
from tasks.publishing.contracts import keep_contracts
from tasks.publishing.exports import export
from tasks.publishing.release import Promotion, release_candidate
from tasks.science.candidates import Candidate
from tasks.stages.stage import stage
from warehouse.connection import connect, in_transaction
from warehouse.settings import Settings


@stage(name="release")
def release(settings: Settings, as_of: date, run_id: str, promotion: Promotion | None = None) -> Outcome:
    """Move the candidate of a date to where readers look, by their contracts, then write its files.

    A run that was killed between the two is healed by the next, whatever its date: the files of all dates are compared
    with their releases.

    Args:
        settings: Settings of the warehouse.
        as_of: Business date; its candidate has passed the gates, or there is none.
        run_id: Recorded as the writer.
        promotion: Makes the candidate's model the champion.

    Raises:
        ModelError: A gate has not passed the candidate, or another model became champion meanwhile.
        MicrosegError: A published view is not what its contract says.
    """
    with connect(settings) as connection:

        def work() -> Candidate | None:
            keep_contracts(connection)
            return release_candidate(connection, settings, as_of, run_id, promotion)

        candidate = in_transaction(connection, work, settings.commit_attempts)
    folder = str(export(settings, as_of))
    for day in _stale_dates(settings, as_of):
        export(settings, day)
    return Outcome(None, folder if candidate else f"unchanged since its release; {folder}")


def _stale_dates(settings: Settings, released: date) -> list[date]:
    with connect(settings, read_only=True) as connection:
        stale = [what for what, _ in stale_exports(connection, settings) if what != LATEST]
    return [day for day in map(date.fromisoformat, stale) if day != released]


@stage(name="republish")
def republish(settings: Settings, as_of: date, anew: bool = True) -> Outcome:
    """Write the files of a released date."""
    return Outcome(None, str(export(settings, as_of, anew)))


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
