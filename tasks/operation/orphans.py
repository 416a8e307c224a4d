"""Orphans below `MICROSEG_DATA_PATH`: data files that no snapshot has, since a worker or a transaction came to nothing.

Nobody else can be seen from here: other machines, other catalogs. What goes is what all signs call ours and forgotten.
See docs/decisions/027-orphans-of-an-object-store.md.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import duckdb

from tasks.operation.liveness import at_work
from warehouse.attachment import METADATA
from warehouse.connection import connect, in_transaction
from warehouse.queries import query
from warehouse.scratch import FOLDERS as SCRATCH
from warehouse.settings import Settings
from warehouse.stored import address, known_names, made_at

# What clocks of several machines may be apart.
MARGIN = timedelta(hours=1)
Span = tuple[datetime, datetime | None]


class Orphans(NamedTuple):
    """Data files that no snapshot has.

    Attributes:
        places: Of those to be removed, in full.
        strange: How many lie there that were made while no run of the journal was at work: somebody else may need
            them, and perhaps the others, too, so that none is removed.
    """

    places: tuple[str, ...] = ()
    strange: int = 0


def let_go_of_orphans(settings: Settings, now: datetime, run_id: str) -> Orphans:
    """Mark orphans for DuckLake's cleaner, which removes them at its next call (`tasks.operation.expiry`).

    A unit that would still register one of them is refused (`warehouse.registered`).

    Args:
        settings: Without `data_path` nothing is done: leftovers of a home go with the next run.
        now: Moment to judge by.
        run_id: Of the maintenance; beside any other run nothing is done.
    """
    if not settings.data_path:
        return Orphans()

    def mark() -> Orphans:
        if set(at_work(connection, settings, now)) - {run_id}:
            return Orphans()
        left = orphans(connection, settings, now)
        if left.places:
            connection.execute(query("maintain/insert_orphans").format(catalog=METADATA), {"places": left.places})
        return left

    with connect(settings) as connection:
        return in_transaction(connection, mark, settings.commit_attempts)


def orphans(connection: duckdb.DuckDBPyConnection, settings: Settings, now: datetime) -> Orphans:
    """Return the data files that no snapshot has, and that no run can be at.

    They lie in the folder of a table, have the name that a lake gives, and are older than any run may be, by the clock
    of who wrote them and by that of who keeps them.

    Args:
        connection: An open warehouse connection.
        settings: Where the data lies, and how long a run may take.
        now: Moment to judge by.
    """
    before = now - timedelta(hours=settings.run_patience_hours) - MARGIN
    # First the folder, then the catalog: what is committed between the two is known by then.
    old = {place: made for place, made in _listed(connection, settings).items() if made < before}
    known = known_names(connection) if old else frozenset()
    unknown = [place for place in sorted(old) if place.rpartition("/")[2] not in known]
    forgotten = _written_before(connection, unknown, before) if unknown else []
    runs: list[Span] = connection.execute(query("maintain/select_runs")).fetchall() if forgotten else []
    patience = timedelta(hours=settings.run_patience_hours)
    strange = sum(not is_of_a_run(old[place], runs, patience) for place in forgotten)
    return Orphans(() if strange else tuple(forgotten), strange)


def is_of_a_run(moment: datetime, runs: Collection[Span], patience: timedelta) -> bool:
    """Tell whether a run was at work at a moment, or a worker that it had lost sight of.

    Args:
        moment: By the clock of any of our machines.
        runs: Beginning and end of each; None: it was killed.
        patience: For how long a run may go on.
    """
    return any(begun - MARGIN <= moment <= (ended or begun) + patience + MARGIN for begun, ended in runs)


def _listed(connection: duckdb.DuckDBPyConnection, settings: Settings) -> dict[str, datetime]:
    """Return what lies in our folders and is named like a file of a lake, with the time of its name."""
    asked = query("maintain/select_folders").format(catalog=METADATA)
    tables = [str(folder) for (folder,) in connection.execute(asked).fetchall()]
    folders = tuple(address(settings, folder) for folder in (*tables, SCRATCH))
    listed = connection.execute("FROM glob($1)", [f"{settings.data_uri}**"]).fetchall()
    ours = [str(place) for (place,) in listed if str(place).startswith(folders)]
    times = {place: made_at(place.rpartition("/")[2]) for place in ours}
    return {place: made for place, made in times.items() if made}


def _written_before(connection: duckdb.DuckDBPyConnection, places: Sequence[str], before: datetime) -> list[str]:
    ages = dict(connection.execute(query("maintain/select_ages"), {"places": places}).fetchall())
    return [place for place in places if place in ages and ages[place] < before]
