"""Staging: the sources of a batch into temporary tables, one by one, so that a bad one does not harm the others."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby

import duckdb

from tasks.intake.context import LoadContext, Terms
from tasks.intake.rules import rules_of
from warehouse.attachment import CATALOG
from warehouse.errors import SourceError
from warehouse.queries import query
from warehouse.settings import Settings
from warehouse.sources.local_files import is_unchanged, look_again
from warehouse.sources.source import Source, content_of, under_contract
from warehouse.sources.staging import Rows, stage
from warehouse.sources.together import stage_together

_TRIES = 3  # a file that changes more often than that is not done yet


@dataclass(frozen=True)
class Staged:
    """A source whose rows are in ``staged``, ``malformed`` and ``faulty``.

    Attributes:
        number: Its rows have it in those tables.
        source: With the fingerprint of what was read.
        rows: How many there are.
        started: When its loading began.
    """

    number: int
    source: Source
    rows: Rows
    started: datetime


def stage_batch(
    connection: duckdb.DuckDBPyConnection, sources: Sequence[Source], context: LoadContext
) -> tuple[list[Staged], list[SourceError]]:
    """Read sources into the temporary tables, which are made anew.

    Args:
        connection: A writing warehouse connection, outside of any transaction.
        sources: What to read, in the order in which they are loaded.
        context: Settings, contract and run.

    Returns:
        What was staged, numbered in the order of the sources, and why others could not be; of those nothing is left.
    """
    with _beside_the_lake(connection):
        connection.execute(query("raw/create_staged"))
        return stage_all(connection, sources, context.terms, context.settings)


def stage_all(
    connection: duckdb.DuckDBPyConnection, sources: Sequence[Source], terms: Terms, settings: Settings
) -> tuple[list[Staged], list[SourceError]]:
    """Read sources into the tables of ``raw/create_staged``, which are there; otherwise as `stage_batch`.

    Args:
        connection: Of whatever engine.
        sources: What to read, in the order in which they are loaded.
        terms: Contract and rules.
        settings: Bounds on sizes, time zone, object store.
    """
    staged, problems = list[Staged](), list[SourceError]()
    for kind, run in groupby(enumerate(sources), key=lambda numbered: numbered[1].kind):
        numbered = list(run)
        if kind == "parquet" and (together := _stage_together(connection, numbered, terms, settings)):
            staged += together
            continue
        for number, source in numbered:
            try:
                staged.append(_stage_steadily(connection, number, source, terms, settings))
            except SourceError as error:
                problems.append(error)
    return staged, problems


def _stage_together(
    connection: duckdb.DuckDBPyConnection, numbered: Sequence[tuple[int, Source]], terms: Terms, settings: Settings
) -> list[Staged] | None:
    """Return what was staged; None, and nothing is, where they have to be read one by one."""
    if len(numbered) == 1:
        return None
    started = datetime.now(UTC)
    numbers, sources = zip(*numbered, strict=True)
    try:
        rows = stage_together(connection, sources, numbers[0], terms.contract, rules_of(terms), settings)
    except SourceError:
        rows = None
    if rows and all(is_unchanged(settings, source, content_of(source)) for source in sources):
        return [Staged(*each, started) for each in zip(numbers, sources, rows, strict=True)]
    _forget(connection, numbers)
    return None


def _forget(connection: duckdb.DuckDBPyConnection, numbers: Sequence[int]) -> None:
    for table in ("staged", "malformed", "faulty"):
        connection.execute(f"DELETE FROM {table} WHERE list_contains($1::INTEGER[], source_number)", [list(numbers)])


@contextmanager
def _beside_the_lake(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Let names mean temporary tables at once: while the lake is the default, every statement asks its catalog."""
    connection.execute("ATTACH ':memory:' AS beside; USE beside")
    try:
        yield
    finally:
        connection.execute(f"USE {CATALOG}; DETACH beside")


def _stage_steadily(
    connection: duckdb.DuckDBPyConnection, number: int, source: Source, terms: Terms, settings: Settings
) -> Staged:
    """Stage a source; start over, within bounds, when it is written while it is read."""
    for _ in range(_TRIES):
        if staged := _stage_once(connection, number, source, terms, settings):
            return staged
        source = under_contract(look_again(settings, source), terms.contract)
    raise SourceError(
        f"{source.name} is being written while it is read: have it delivered under another name, and renamed when it "
        "is whole; nothing of it was loaded"
    )


def _stage_once(
    connection: duckdb.DuckDBPyConnection, number: int, source: Source, terms: Terms, settings: Settings
) -> Staged | None:
    """Return what was staged; None, and nothing is, where the source is not what it was when it was found."""
    started = datetime.now(UTC)
    problem: SourceError | None = None
    rows = Rows(0, 0)
    try:
        rows = stage(connection, source, number, terms.contract, rules_of(terms), settings, terms.sql)
    except SourceError as error:
        problem = error
    unchanged = is_unchanged(settings, source, content_of(source))
    if unchanged and problem is None:
        return Staged(number, source if source.fingerprint else fingerprinted(connection, source), rows, started)
    _forget(connection, [number])
    if unchanged and problem is not None:
        raise problem
    return None


def fingerprinted(connection: duckdb.DuckDBPyConnection, source: Source) -> Source:
    """Return the source with a fingerprint of the rows in ``staged``, whatever their order; they are all its own."""
    row = connection.execute(query("raw/select_fingerprint")).fetchone()
    return replace(source, fingerprint="rows:" + ":".join(str(part) for part in row or ()))
