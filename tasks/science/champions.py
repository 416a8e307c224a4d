"""Champions: who is in force, who was before, and every decision about it in models.promotions."""

from collections import Counter
from datetime import date
from typing import Literal, NamedTuple

import duckdb

from tasks.science.model_store import Model, load, load_version
from warehouse.connection import connect
from warehouse.errors import ModelError
from warehouse.queries import query
from warehouse.reference.content import ReferenceContent
from warehouse.reference.differences import differences
from warehouse.reference.versions import read_active, read_version
from warehouse.settings import Settings

Action = Literal["first", "promoted", "refused", "dismissed", "rolled_back"]


class Unfinished(NamedTuple):
    """A change of champion that is committed, while the run that made it was stopped before its end.

    Attributes:
        version: The champion since.
        previous: The champion before.
        as_of: Business date at which it was released.
        reason: Why, in one line.
    """

    version: str
    previous: str
    as_of: date
    reason: str


def find_unfinished(connection: duckdb.DuckDBPyConnection, flow: str) -> Unfinished | None:
    """Return the newest change of champion if the run that made it was stopped; running it again only finishes it.

    Without this a roll-back that was killed behind its commit, and run again, would go back two models.

    Args:
        connection: A warehouse connection.
        flow: Flow that made the change, as in ops.runs.
    """
    row = connection.execute(query("models/select_unfinished"), {"flow": flow}).fetchone()
    return Unfinished(*row) if row else None


def record_decision(
    connection: duckdb.DuckDBPyConnection,
    version: str,
    previous: str,
    action: Action,
    as_of: date,
    reason: str,
    run_id: str,
) -> None:
    """Enter a decision into models.promotions, inside a transaction.

    A refusal that is the newest word on its model already is not repeated: a retraining that is killed and run again
    trains the same challenger, and refuses it once.

    Args:
        connection: Inside a transaction.
        version: The model it is about.
        previous: The model before it; empty for none.
        action: What became of the model.
        as_of: Business date.
        reason: In one line.
        run_id: Recorded as the writer.
    """
    told = (previous or None, action, as_of, reason)
    if action == "refused" and _newest_decision(connection, version) == told:
        return
    line = {"model_version": version, "previous_version": previous or None, "action": action, "as_of": as_of}
    connection.execute(query("models/insert_promotion"), line | {"reason": reason, "run_id": run_id})


def _newest_decision(connection: duckdb.DuckDBPyConnection, version: str) -> tuple[object, ...] | None:
    return connection.execute(query("models/select_decision"), {"model_version": version}).fetchone()


def champion_of(connection: duckdb.DuckDBPyConnection) -> Model:
    """Return the champion.

    Raises:
        ModelError: There is none yet, or its bytes are damaged.
    """
    champion = load(connection)
    if champion is None:
        raise ModelError("no champion yet: run `microseg run` once, it trains one")
    return champion


def predecessor(connection: duckdb.DuckDBPyConnection) -> tuple[Model, Model]:
    """Return the champion and the model that a roll-back puts in its place.

    Raises:
        ModelError: There is no predecessor, or its bytes are damaged.
    """
    champion = load(connection)
    if champion is None or not champion.parent:
        raise ModelError("there is no earlier champion to roll back to")
    return champion, load_version(connection, champion.parent)


def reference_of(settings: Settings, version: str) -> ReferenceContent:
    """Return the version of the reference set that a model was trained under.

    Raises:
        ModelError: There is no such model, or the warehouse no longer holds that version.
    """
    with connect(settings, read_only=True) as connection:
        model = load_version(connection, version)
        content = read_version(connection, model.reference_version)
    if content is None:
        raise ModelError(f"model {version} belongs to a version of the reference set that this warehouse does not hold")
    return content


def check_reference_stays(settings: Settings, version: str) -> None:
    """Refuse a promotion that would class all rows anew without being told to.

    Raises:
        ModelError: The model belongs to another version of the reference set than the warehouse is under.
    """
    trained_under = reference_of(settings, version)
    with connect(settings, read_only=True) as connection:
        active = read_active(connection)
    if active is None or active.version == trained_under.version:
        return
    kinds = Counter(difference.kind for difference in differences(active, trained_under))
    changes = ", ".join(f"{kind}: {count:,}" for kind, count in kinds.items()) or "its name"
    raise ModelError(
        f"{version} was trained with version {trained_under.version[:12]} of the reference set, the warehouse "
        f"uses {active.version[:12]} (differences by kind: {changes}). Promoting it also changes the classes of all "
        f"rows: `microseg promote {version} --move-reference` does both"
    )


def dismiss_challenger(connection: duckdb.DuckDBPyConnection, version: str) -> None:
    """Take the alias from a challenger that waits, inside a transaction.

    Raises:
        ModelError: No challenger of that version waits.
    """
    challenger = load(connection, "challenger")
    if challenger is None or challenger.version != version:
        waiting = f"the waiting one is {challenger.version}" if challenger else "there is none"
        raise ModelError(f"{version} is not a waiting challenger: {waiting}")
    connection.execute("UPDATE models.versions SET alias = NULL WHERE model_version = $1", [version])
    record_decision(connection, version, challenger.parent, "dismissed", challenger.as_of, "dismissed by a person", "")
