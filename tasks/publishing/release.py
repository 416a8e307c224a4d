"""Release: the one way out of the house. A candidate that passed all gates becomes what readers see, in one commit."""

from dataclasses import dataclass
from datetime import date

import duckdb

from tasks.operation.held_traces import drop_unused, traces_of
from tasks.operation.provenance import LET_GO, RELEASE, forget, record
from tasks.publishing.move_reference import move_reference
from tasks.publishing.transitions import write_transitions
from tasks.science.candidates import PUBLISHED, Candidate, clear_candidate, read_candidate
from tasks.science.champions import Action, record_decision
from tasks.science.model_store import load, set_alias
from warehouse.errors import ModelError
from warehouse.queries import query
from warehouse.settings import Settings


@dataclass(frozen=True)
class Promotion:
    """A release that makes its model the champion.

    Attributes:
        action: first, promoted or rolled_back.
        reason: Why, in one line.
    """

    action: Action
    reason: str


def release_candidate(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    as_of: date,
    run_id: str,
    promotion: Promotion | None = None,
) -> Candidate | None:
    """Move the candidate of a date to where readers look, inside a transaction.

    Features, segments, segments.current (unless a newer date is published), transitions, the champion's alias and
    what it was all made from move together; with a model of another reference version the reference set does, too.

    Args:
        connection: Inside a transaction.
        settings: `min_segment_size` bounds what transitions show.
        as_of: Business date.
        run_id: Recorded as the writer.
        promotion: Makes the candidate's model the champion.

    Returns:
        The candidate; None when there is none: what readers see is current.

    Raises:
        ModelError: A gate has not passed it, or another model became champion meanwhile.
    """
    connection.execute(query("raw/take_turn"), {"load_id": f"release {as_of}"})
    candidate = read_candidate(connection, as_of)
    if candidate is None:
        return None
    if candidate.state != "passed":
        raise ModelError(f"the candidate of {as_of} has not passed its gates ({candidate.state}): run it again")
    _set_champion(connection, candidate, promotion, run_id)
    candidate = move_reference(connection, settings, candidate, run_id)
    replaced = traces_of(connection, "features.traced", f"as_of = DATE '{as_of}'")
    for source, target in PUBLISHED.items():
        connection.execute(f"DELETE FROM {target} WHERE as_of = $1", [as_of])
        connection.execute(f"INSERT INTO {target} BY NAME FROM {source} WHERE as_of = $1", [as_of])
    _move_current(connection, as_of)
    _write_transitions(connection, settings, as_of)
    record(connection, as_of, RELEASE, candidate.made_from, run_id)
    forget(connection, as_of, LET_GO)
    connection.execute("DELETE FROM segments.releases WHERE as_of = $1", [as_of])
    line = {"as_of": as_of, "model_version": candidate.model_version, "run_id": run_id}
    connection.execute(query("segments/insert_release"), line)
    clear_candidate(connection, as_of)
    drop_unused(connection, replaced)
    return candidate


def _set_champion(
    connection: duckdb.DuckDBPyConnection, candidate: Candidate, promotion: Promotion | None, run_id: str
) -> None:
    champion = load(connection)
    if champion is None and promotion is None:
        promotion = Promotion("first", "no champion yet")
    if promotion is None:
        if champion and champion.version != candidate.model_version:
            raise ModelError(f"another model became champion while {candidate.as_of} was built: run it again")
        return
    set_alias(connection, candidate.model_version, "champion")
    previous = champion.version if champion else ""
    version, action, reason = candidate.model_version, promotion.action, promotion.reason
    record_decision(connection, version, previous, action, candidate.as_of, reason, run_id)


def _move_current(connection: duckdb.DuckDBPyConnection, as_of: date) -> None:
    # Of the releases, too: segments.current may be empty, because a damaged file was taken out.
    text = "SELECT max(as_of) FROM (SELECT as_of FROM segments.current UNION ALL SELECT as_of FROM segments.releases)"
    newest = connection.execute(text).fetchone()
    if newest is None or newest[0] is None or newest[0] <= as_of:
        connection.execute("DELETE FROM segments.current")
        connection.execute(query("segments/insert_current"), {"as_of": as_of})


def _write_transitions(connection: duckdb.DuckDBPyConnection, settings: Settings, as_of: date) -> None:
    # Those of the next date speak of this one.
    text = "SELECT as_of FROM segments.dates WHERE as_of = $1 OR previous = $1 ORDER BY as_of"
    for (day,) in connection.execute(text, [as_of]).fetchall():
        write_transitions(connection, day, settings.min_segment_size)
