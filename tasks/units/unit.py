"""A unit: a part of a stage that any machine can do, from listed files to new ones; and who asks for units."""

import pickle
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, TypeVar
from zlib import compress, decompress

import duckdb

from tasks.units.progress import Progress
from warehouse.connection import in_transaction
from warehouse.errors import ConflictError
from warehouse.lone import NewFile, Reading, Writing, lone_engine, write_out
from warehouse.registered import keep_out_of_catalog
from warehouse.settings import Settings

Result = TypeVar("Result")


@dataclass(frozen=True)
class Unit:
    """What one machine does by itself: a function of this house, on tables that are files.

    Two that are equal do the same. It holds no settings: a machine has its own, and they may be secret.

    Attributes:
        work: Called with a connection of a lone engine and the arguments; importable by its name.
        arguments: Small, and comparable.
        reads: Tables that it reads.
        writes: Tables that it writes to, with statements like those on the lake.
        with_settings: Whether `work` is called with the settings of the machine, too, behind the connection.
        files: Files that it reads as they are, in full.
    """

    work: Callable[..., Any]
    arguments: tuple[Hashable, ...]
    reads: tuple[Reading, ...]
    writes: tuple[Writing, ...]
    with_settings: bool = False
    files: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[Callable[[bytes], "Unit"], tuple[bytes]]:
        """Let it travel packed: the paths of its files are many, long and alike."""
        return _unpacked, (compress(pickle.dumps(tuple(vars(self).values()))),)


def _unpacked(packed: bytes) -> Unit:
    return Unit(*pickle.loads(decompress(packed)))  # noqa: S301 - units come from our own scheduler


class Facts(NamedTuple):
    """What a unit came to.

    Attributes:
        files: That it wrote, for the lake to register.
        figures: What its function returned.
    """

    files: tuple[NewFile, ...]
    figures: Any


# Has units done, in any order and anywhere, one perhaps twice; with a progress of units done and in total.
Crew = Callable[[Sequence[Unit], Progress], Mapping[Unit, Facts]]
# Returns what a unit came to, or None where nobody has done it yet: whoever asks then goes on as if it had no rows.
Ask = Callable[[Unit], Facts | None]


def perform(unit: Unit, settings: Settings | None = None) -> Facts:
    """Do a unit here.

    Args:
        unit: What to do.
        settings: Of this machine; None: its environment's.
    """
    own = settings or Settings()
    told = (own, *unit.arguments) if unit.with_settings else unit.arguments
    with lone_engine(own, unit.reads, unit.writes, unit.files) as connection:
        figures = unit.work(connection, *told)
        files = [file for writing in unit.writes for file in write_out(connection, writing)]
    return Facts(tuple(files), figures)


class _UnansweredError(Exception):
    """Takes a transaction back in which units were asked for that nobody had done."""


def in_transaction_by_units(
    connection: duckdb.DuckDBPyConnection,
    work: Callable[[Ask | None], Result],
    crew: Crew | None,
    tables: Sequence[str],
    attempts: int,
    progress: Progress,
) -> Result:
    """Run a transaction whose units a crew does, or that does all of it here.

    Args:
        connection: An open warehouse connection, outside of any transaction.
        work: Reads and writes through `connection`; asks, or where it is given None does by itself.
        crew: Does the units; None: nobody.
        tables: That units read and write.
        attempts: Bound on the tries.
        progress: Called with units done and in total.
    """
    if crew is None:
        return in_transaction(connection, partial(work, None), attempts)
    keep_out_of_catalog(connection, tables)
    return by_units(connection, work, crew, attempts, progress)


def by_units(
    connection: duckdb.DuckDBPyConnection,
    work: Callable[[Ask], Result],
    crew: Crew,
    attempts: int,
    progress: Progress,
    answers: dict[Unit, Facts] | None = None,
) -> Result:
    """Run a transaction that asks for units: once to hear for which, and once more when they are done.

    The first is rolled back before the units are done, so none is open meanwhile. Where the second asks for others,
    since another writer was quicker, it is rolled back, too, and those are done.

    Args:
        connection: An open warehouse connection, outside of any transaction.
        work: Reads and writes through `connection`, and asks.
        crew: Does the units.
        attempts: Bound on the tries.
        progress: Called with units done and in total.
        answers: What is known already (`answer_ahead`); new answers are put there.

    Returns:
        What `work` returned when every unit was done.

    Raises:
        ConflictError: Its inputs changed each time.
    """
    answers = {} if answers is None else answers
    asked: dict[Unit, None] = {}
    for _ in range(attempts + 1):
        try:
            return in_transaction(connection, partial(_answered, work, answers, asked), attempts)
        except _UnansweredError:
            answers.update(crew(list(asked), progress))
    raise ConflictError(f"what there is to do changed {attempts} times; run again when other runs have finished")


def answer_ahead(
    connection: duckdb.DuckDBPyConnection,
    work: Callable[[Ask], object],
    crew: Crew,
    attempts: int,
    progress: Progress,
) -> dict[Unit, Facts]:
    """Have all units done side by side that several transactions will ask for, one after the other.

    Args:
        connection: An open warehouse connection, outside of any transaction.
        work: Does in one transaction, which is rolled back, what they will do.
        crew: Does the units.
        attempts: Bound on the tries.
        progress: Called with units done and in total.

    Returns:
        What the units came to. Where one transaction changes what the next asks for, that one asks anew.
    """
    asked: dict[Unit, None] = {}

    def rehearsed() -> None:
        _answered(work, {}, asked)
        raise _UnansweredError

    with suppress(_UnansweredError):
        in_transaction(connection, rehearsed, attempts)
    return dict(crew(list(asked), progress))


def _answered(work: Callable[[Ask], Result], answers: Mapping[Unit, Facts], asked: dict[Unit, None]) -> Result:
    asked.clear()  # a commit that collided is tried again

    def ask(unit: Unit) -> Facts | None:
        if unit not in answers:
            asked[unit] = None
        return answers.get(unit)

    result = work(ask)
    if asked:
        raise _UnansweredError
    return result
