"""Ingest: sources through the contract into raw.transactions, one transaction a source, the same source once."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import duckdb

from tasks.intake.files import fingerprint_files, remember_files
from tasks.intake.gate import end_holding
from tasks.intake.ledger import find_line
from tasks.intake.load import ChangedError, Ingested, LoadContext, load_source
from tasks.intake.withdraw import take_out
from warehouse.connection import connect, in_transaction
from warehouse.errors import SourceError
from warehouse.queries import query
from warehouse.sources.discovery import find_sources
from warehouse.sources.feeds import feed_of, name_feeds
from warehouse.sources.local_files import is_unchanged, look_again
from warehouse.sources.source import Source
from warehouse.sources.staging import open_reader

__all__ = ["Ingested", "LoadContext", "Progress", "ingest_sources", "silent"]

Progress = Callable[[int, int], None]
_CONTRACT = " contract:"
_TRIES = 3  # a file that changes more often than that is not done yet


def silent(_done: int, _total: int) -> None:
    """Report no progress."""


def ingest_sources(context: LoadContext, patterns: Sequence[str], progress: Progress = silent) -> Ingested:
    """Load every source that the patterns name and that the ledger does not know yet.

    One with too many rejects is held back and does not stop the others; a held version whose source is gone is
    withdrawn, one whose source was corrected is replaced, and one that could pass now is tried again.

    All sources are opened first: one that breaks the contract as a whole stops the run before anything is written.

    Args:
        context: Settings, contract and run.
        patterns: Paths, globs, s3:// globs or a PostgreSQL address.
        progress: Called with sources done and in total.

    Raises:
        SourceError: A source is missing or unreadable as a whole.
    """
    total = Ingested()
    with connect(context.settings) as connection:
        delivered = _find_all(connection, context, patterns)
        sources = _under_contract(delivered, context)
        _judge_earlier(connection, context)
        settled = _settled(connection, context.settings.max_reject_rate)
        fresh = [source for source in sources if source.load_id not in settled]
        for source in fresh:
            if source.kind != "postgres":  # its query runs once, when it is loaded
                open_reader(connection, source, context.reference.source, context.settings, context.sql)
        _end_holding(connection, context, sources, [feed_of(pattern) for pattern in patterns])
        for done, source in enumerate(fresh):
            progress(done, len(fresh))
            total = total.plus(_load_steadily(connection, source, context))
        progress(len(fresh), len(fresh))
        named = [(source.name, source.feed) for source in sources]
        in_transaction(connection, lambda: name_feeds(connection, named), context.settings.commit_attempts)
        remember_files(connection, context.settings, delivered)
    return total.plus(_left_alone([settled[s.load_id] for s in sources if s.load_id in settled]))


def _find_all(connection: duckdb.DuckDBPyConnection, context: LoadContext, patterns: Sequence[str]) -> list[Source]:
    matches = [
        replace(source, feed=feed_of(pattern))
        for pattern in patterns
        for source in find_sources(connection, context.settings, pattern, context.sql)
    ]
    # Patterns may overlap: of a source that two of them name, the first is its feed.
    once = {(source.name, source.uri): source for source in reversed(matches)}
    return fingerprint_files(connection, context.settings, list(reversed(once.values())))


def _under_contract(sources: Sequence[Source], context: LoadContext) -> list[Source]:
    """Make the contract part of a file's version: another sign or date format makes other rows of the same bytes."""
    digest = hashlib.sha256(repr(context.reference.source).encode()).hexdigest()[:16]
    return [replace(s, fingerprint=f"{s.fingerprint}{_CONTRACT}{digest}" if s.fingerprint else "") for s in sources]


def _load_steadily(connection: duckdb.DuckDBPyConnection, source: Source, context: LoadContext) -> Ingested:
    """Load a source; start over, within bounds, when it is written while it is read."""
    for _ in range(_TRIES):
        digest = source.fingerprint.partition(_CONTRACT)[0]
        try:
            return load_source(connection, source, context, partial(is_unchanged, context.settings, source, digest))
        except ChangedError:
            [source] = _under_contract([look_again(context.settings, source)], context)
    raise SourceError(
        f"{source.name} is being written while it is read: have it delivered under another name, and renamed when it "
        "is whole; nothing of it was loaded"
    )


def _settled(connection: duckdb.DuckDBPyConnection, limit: float) -> dict[str, str]:
    """Return the versions that need no second look, each with its status."""
    return dict(connection.execute(query("raw/select_settled"), {"limit": limit}).fetchall())


def _left_alone(statuses: Sequence[str]) -> Ingested:
    held, withdrawn = statuses.count("held"), statuses.count("withdrawn")
    sources = len(statuses)
    return Ingested(sources=sources, unchanged=sources - held - withdrawn, held=held, withdrawn=withdrawn)


def _end_holding(
    connection: duckdb.DuckDBPyConnection, context: LoadContext, sources: Sequence[Source], feeds: Sequence[str]
) -> None:
    """Let go of held versions that their sources no longer are; a query's version is known only once it has run.

    A feed that this run does not read says nothing about what it has: its held versions stay.
    """
    held = connection.execute(query("raw/select_held"), {"feeds": list(feeds)}).fetchall()
    names, queries = {source.name for source in sources}, {s.name for s in sources if not s.fingerprint}
    versions = {source.load_id for source in sources}
    gone = [load_id for load_id, name in held if name not in names]
    corrected = [i for i, name in held if name in names - queries and i not in versions]

    def write() -> None:
        end_holding(connection, gone, "withdrawn")
        end_holding(connection, corrected, "replaced")

    if gone or corrected:
        in_transaction(connection, write, context.settings.commit_attempts)


def _judge_earlier(connection: duckdb.DuckDBPyConnection, context: LoadContext) -> None:
    """Take out what an earlier version let in before its gate; it is then read, judged and held like any other."""
    limit = {"limit": context.settings.max_reject_rate}
    for (load_id,) in connection.execute(query("raw/select_unjudged"), limit).fetchall():

        def write(load_id: str = load_id) -> None:
            take_out(connection, context.reference.source, find_line(connection, load_id))
            connection.execute("UPDATE raw.loads SET status = 'replaced' WHERE load_id = $1", [load_id])

        in_transaction(connection, write, context.settings.commit_attempts)
