"""Ingest: sources through the contract into raw.transactions, small ones in batches, the same source once."""

from collections.abc import Sequence
from dataclasses import replace

import duckdb

from tasks.intake.batches import batches
from tasks.intake.context import Ingested, LoadContext
from tasks.intake.files import fingerprint_files, remember_files
from tasks.intake.gate import end_holding
from tasks.intake.ledger import find_line
from tasks.intake.load import load_batch
from tasks.intake.load_by_units import load_by_units
from tasks.intake.withdraw import take_out
from tasks.units.progress import Progress, silent
from tasks.units.unit import Crew
from warehouse.connection import connect, in_transaction
from warehouse.errors import SourceError
from warehouse.queries import query
from warehouse.sources.discovery import find_sources
from warehouse.sources.feeds import feed_of, name_feeds
from warehouse.sources.source import Source, under_contract
from warehouse.sources.staging import open_reader

__all__ = ["Ingested", "LoadContext", "ingest_sources"]

_TOLD = 3  # of the sources that cannot be read


def ingest_sources(
    context: LoadContext, patterns: Sequence[str], progress: Progress = silent, crew: Crew | None = None
) -> Ingested:
    """Load every source that the patterns name and that the ledger does not know yet.

    One with too many rejects is held back and does not stop the others; a held version whose source is gone is
    withdrawn, one whose source was corrected is replaced, and one that could pass now is tried again.

    All sources are opened first: one that breaks the contract as a whole stops the run before anything is written.

    Args:
        context: Settings, contract and run.
        patterns: Paths, globs, s3:// globs or a PostgreSQL address.
        progress: Called with sources done and in total.
        crew: Reads and enters rows elsewhere; None: that is done here.

    Raises:
        SourceError: A source is missing or unreadable as a whole.
    """
    with connect(context.settings) as connection:
        delivered = _find_all(connection, context, patterns, crew)
        sources = [under_contract(source, context.reference.source) for source in delivered]
        _judge_earlier(connection, context)
        settled = _settled(connection, context.settings.max_reject_rate)
        fresh = [source for source in sources if source.load_id not in settled]
        for source in fresh:
            if source.kind != "postgres":  # its query runs once, when it is loaded
                open_reader(connection, source, context.reference.source, context.settings, context.sql)
        _end_holding(connection, context, sources, [feed_of(pattern) for pattern in patterns])
        total = _load_all(connection, fresh, context, progress, crew)
        named = [(source.name, source.feed) for source in sources]
        in_transaction(connection, lambda: name_feeds(connection, named), context.settings.commit_attempts)
        remember_files(connection, context.settings, delivered)
    return total.plus(_left_alone([settled[s.load_id] for s in sources if s.load_id in settled]))


def _find_all(
    connection: duckdb.DuckDBPyConnection, context: LoadContext, patterns: Sequence[str], crew: Crew | None
) -> list[Source]:
    matches = [
        replace(source, feed=feed_of(pattern))
        for pattern in patterns
        for source in find_sources(connection, context.settings, pattern, context.sql)
    ]
    # Patterns may overlap: of a source that two of them name, the first is its feed.
    once = {(source.name, source.uri): source for source in reversed(matches)}
    return fingerprint_files(connection, context.settings, list(reversed(once.values())), crew)


def _load_all(
    connection: duckdb.DuckDBPyConnection,
    sources: Sequence[Source],
    context: LoadContext,
    progress: Progress,
    crew: Crew | None,
) -> Ingested:
    """Load sources batch by batch; those that cannot be read are told of once all others are in."""
    if crew:
        total, problems = load_by_units(connection, sources, context, crew, progress)
    else:
        total, problems = _load_here(connection, sources, context, progress)
    if problems:
        raise _joined(problems)
    return total


def _load_here(
    connection: duckdb.DuckDBPyConnection, sources: Sequence[Source], context: LoadContext, progress: Progress
) -> tuple[Ingested, list[SourceError]]:
    total, problems, done = Ingested(), list[SourceError](), 0
    for batch in batches(sources):
        progress(done, len(sources), batch[0].name, total.accepted)
        loaded, unreadable = load_batch(connection, batch, context)
        total, problems, done = total.plus(loaded), problems + unreadable, done + len(batch)
    progress(done, len(sources), "", total.accepted)
    return total, problems


def _joined(problems: Sequence[SourceError]) -> SourceError:
    if len(problems) == 1:
        return problems[0]
    more = f". And {len(problems) - _TOLD:,} more" if len(problems) > _TOLD else ""
    return SourceError(". ".join(str(problem) for problem in problems[:_TOLD]) + more)


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
