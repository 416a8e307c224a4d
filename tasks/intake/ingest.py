"""Ingest: sources through the contract into raw.transactions, one transaction a source, the same source once."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace

import duckdb

from tasks.intake.load import Ingested, LoadContext, load_source
from warehouse.connection import connect, in_transaction
from warehouse.errors import RejectRateError
from warehouse.queries import query
from warehouse.reference.sets import SourceFormat
from warehouse.settings import Settings
from warehouse.sources.discovery import Source, find_sources
from warehouse.sources.feeds import feed_of, name_feeds
from warehouse.sources.staging import open_reader

__all__ = ["Ingested", "LoadContext", "Progress", "check_reject_rate", "ingest_sources", "silent"]

Progress = Callable[[int, int], None]
_HINTS = {
    "unparsable_amount": "[amount] decimal in source.toml",
    "unparsable_date": "[date] formats in source.toml",
    "date_out_of_range": "[date] earliest in source.toml",
    "wrong_currency": "[currency] expected in source.toml",
    "invalid_encoding": "[csv] encoding in source.toml",
    "missing_columns": "[csv] delimiter in source.toml",
    "too_many_columns": "[csv] delimiter in source.toml",
}


def silent(_done: int, _total: int) -> None:
    """Report no progress."""


def ingest_sources(context: LoadContext, patterns: Sequence[str], progress: Progress = silent) -> Ingested:
    """Load every source that the patterns name and that the ledger does not hold yet.

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
        sources = _find_all(connection, context, patterns)
        loaded = _loaded(connection)
        fresh = [source for source in sources if source.load_id not in loaded]
        for source in fresh:
            if source.kind != "postgres":  # its query runs once, when it is loaded
                open_reader(connection, source, context.reference.source, context.sql)
        for done, source in enumerate(fresh):
            progress(done, len(fresh))
            total = total.plus(load_source(connection, source, context))
        progress(len(fresh), len(fresh))
        named = [(source.name, source.feed) for source in sources]
        in_transaction(connection, lambda: name_feeds(connection, named), context.settings.commit_attempts)
    return total.plus(Ingested(sources=len(sources) - len(fresh), unchanged=len(sources) - len(fresh)))


def _find_all(connection: duckdb.DuckDBPyConnection, context: LoadContext, patterns: Sequence[str]) -> list[Source]:
    found = [
        replace(source, feed=feed_of(pattern))
        for pattern in patterns
        for source in find_sources(connection, context.settings, pattern, context.sql)
    ]
    # Patterns may overlap: of a source that two of them name, the first is its feed.
    once = {(source.name, source.uri): source for source in reversed(found)}
    return [_under_contract(source, context.reference.source) for source in reversed(once.values())]


def _under_contract(source: Source, contract: SourceFormat) -> Source:
    """Make the contract part of a file's version: another sign or date format makes other rows of the same bytes."""
    digest = hashlib.sha256(repr(contract).encode()).hexdigest()[:16]
    return replace(source, fingerprint=f"{source.fingerprint} contract:{digest}" if source.fingerprint else "")


def _loaded(connection: duckdb.DuckDBPyConnection) -> set[str]:
    rows = connection.execute("SELECT load_id FROM raw.loads WHERE status != 'replaced'").fetchall()
    return {load_id for (load_id,) in rows}


def check_reject_rate(settings: Settings) -> int:
    """Stop the run when too many rows of the loads that wait at the gate were rejected.

    Args:
        settings: `max_reject_rate` is the limit.

    Returns:
        Number of loads that passed.

    Raises:
        RejectRateError: With the top reasons, each with file, row and column of an example.
    """
    with connect(settings, read_only=True) as connection:
        loads, read, rejected = connection.execute(query("raw/select_pending")).fetchone() or (0, 0, 0)
        if read and rejected / read > settings.max_reject_rate:
            reasons = connection.execute(query("raw/select_reject_reasons")).fetchall()
            raise RejectRateError(_reject_message(settings, read, rejected, reasons))
    return int(loads)


def _reject_message(
    settings: Settings, read: int, rejected: int, reasons: list[tuple[str, str, int, dict[str, object]]]
) -> str:
    top = "; ".join(
        f"{rows:,} x {reason} (column {column or '?'}, first: {example['source']} row {example['row']}"
        + (f"; check {_HINTS[reason]})" if reason in _HINTS else ")")
        for reason, column, rows, example in reasons[:3]
    )
    return (
        f"{rejected:,} of {read:,} rows ({rejected / read:.1%}) were rejected, above the limit of "
        f"{settings.max_reject_rate:.1%}: {top}. Nothing was published; have the files mended and run again, "
        "or raise MICROSEG_MAX_REJECT_RATE"
    )
