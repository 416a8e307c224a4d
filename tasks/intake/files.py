"""Source files: each is read for its fingerprint once a night, and not at all while it looks as it did."""

from collections.abc import Sequence
from dataclasses import replace
from time import time_ns

import duckdb

from tasks.intake.load_by_units import hash_by_units
from tasks.units.unit import Crew
from warehouse.connection import in_transaction
from warehouse.queries import query
from warehouse.settings import Settings
from warehouse.sources.local_files import SETTLED_NS, hash_file
from warehouse.sources.source import FileStat, Source


def fingerprint_files(
    connection: duckdb.DuckDBPyConnection, settings: Settings, sources: Sequence[Source], crew: Crew | None = None
) -> list[Source]:
    """Return the sources with the fingerprints of those that are files.

    Args:
        connection: A writing warehouse connection, outside of any transaction.
        settings: Bounds on sizes.
        sources: In any order; those that are no files stay as they are.
        crew: Reads them elsewhere; None: they are read here.

    Raises:
        SourceError: A file cannot be read.
    """
    known = _read_known(connection)
    told = [_as_known(source, known.get(source.name)) for source in sources]
    unknown = [source for source in told if source.stat and not source.fingerprint]
    read = hash_by_units(settings, crew, unknown) if crew else [hash_file(settings, source) for source in unknown]
    hashed = dict(zip(unknown, read, strict=True))
    return [hashed.get(source, source) for source in told]


def remember_files(connection: duckdb.DuckDBPyConnection, settings: Settings, sources: Sequence[Source]) -> None:
    """Remember what files looked like when they were read, once all of them are loaded.

    Args:
        connection: A writing warehouse connection, outside of any transaction.
        settings: Bound on the tries.
        sources: As `fingerprint_files` returned them.
    """
    known, now = _read_known(connection), time_ns()
    news = [s for s in sources if s.stat and now - s.stat.mtime_ns > SETTLED_NS and known.get(s.name) != _look(s)]
    if news:
        in_transaction(connection, lambda: _remember(connection, news), settings.commit_attempts)


def _as_known(source: Source, known: tuple[FileStat, str] | None) -> Source:
    return replace(source, fingerprint=known[1]) if known and known[0] == source.stat else source


def _look(source: Source) -> tuple[FileStat | None, str]:
    return source.stat, source.fingerprint


def _read_known(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[FileStat, str]]:
    rows = connection.execute(query("raw/select_files")).fetchall()
    return {name: (FileStat(*stat), fingerprint) for name, *stat, fingerprint in rows}


def _remember(connection: duckdb.DuckDBPyConnection, sources: Sequence[Source]) -> None:
    names = [source.name for source in sources]
    connection.execute("DELETE FROM ops.source_files WHERE list_contains($1::VARCHAR[], source)", [names])
    columns = {
        "source": names,
        "size": [source.stat.size for source in sources if source.stat],
        "mtime_ns": [source.stat.mtime_ns for source in sources if source.stat],
        "inode": [source.stat.inode for source in sources if source.stat],
        "fingerprint": [source.fingerprint for source in sources],
    }
    connection.execute(query("raw/insert_files"), columns)
