"""Ingest: sources through the contract into raw.transactions, one transaction a source, the same source once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial

import duckdb

from tasks.claims import settle_claims
from warehouse.connection import connect, in_transaction
from warehouse.errors import RejectRateError
from warehouse.queries import query, query_names, quoted
from warehouse.references import ReferenceSet, SourceFormat
from warehouse.settings import Settings
from warehouse.sources import Source, find_sources
from warehouse.staging import Reader, claim_fields, delivered_fields, open_reader, stage

Progress = Callable[[int, int], None]


def silent(_done: int, _total: int) -> None:
    """Report no progress."""


@dataclass(frozen=True)
class Ingested:
    """Rows of one run's ingest, by what became of them."""

    sources: int = 0
    unchanged: int = 0
    read: int = 0
    accepted: int = 0
    rejected: int = 0
    duplicate: int = 0
    unclassified: int = 0

    def plus(self, other: "Ingested") -> "Ingested":
        """Return the sum of two counts."""
        mine, theirs = vars(self).values(), vars(other).values()
        return Ingested(*(a + b for a, b in zip(mine, theirs, strict=True)))


@dataclass(frozen=True)
class LoadContext:
    """What is the same for every source of a run.

    Attributes:
        settings: Settings of the warehouse.
        reference: Contract, codes and classes.
        run_id: Recorded in the ledger.
        received_on: Rows booked after this day are from the future.
        sql: Query of a PostgreSQL source.
    """

    settings: Settings
    reference: ReferenceSet
    run_id: str
    received_on: date
    sql: str = ""


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
        sources = [s for p in patterns for s in find_sources(connection, context.settings, p, context.sql)]
        fresh = [source for source in sources if not is_loaded(connection, source)]
        for source in fresh:
            if source.kind != "postgres":  # its query runs once, when it is loaded
                open_reader(connection, source, context.reference.source, context.sql)
        for done, source in enumerate(fresh):
            progress(done, len(fresh))
            total = total.plus(load_source(connection, source, context))
        progress(len(fresh), len(fresh))
    return total.plus(Ingested(sources=len(sources) - len(fresh), unchanged=len(sources) - len(fresh)))


def is_loaded(connection: duckdb.DuckDBPyConnection, source: Source) -> bool:
    """Tell whether the ledger holds this very version of a source."""
    found = "SELECT 1 FROM raw.loads WHERE load_id = $1 AND status != 'replaced'"
    return bool(source.fingerprint) and connection.execute(found, [source.load_id]).fetchone() is not None


def load_source(connection: duckdb.DuckDBPyConnection, source: Source, context: LoadContext) -> Ingested:
    """Load one source as one transaction, in place of the version of it that was loaded before.

    Args:
        connection: A writing warehouse connection, outside of any transaction.
        source: What to load.
        context: Settings, contract and run.

    Returns:
        What became of its rows.

    Raises:
        SourceError: The source is unreadable as a whole; nothing was changed.
    """
    started = datetime.now(UTC)
    reader = stage(connection, source, context.reference.source, context.settings.timezone, context.sql)
    source = source if source.fingerprint else _fingerprinted(connection, source)
    if is_loaded(connection, source):
        return Ingested(sources=1, unchanged=1)
    find_faults(connection, context)
    write = partial(write_load, connection, source, reader, context, started)
    return in_transaction(connection, write, context.settings.commit_attempts)


def find_faults(connection: duckdb.DuckDBPyConnection, context: LoadContext) -> None:
    """Fill the temporary table ``faults`` by the rules of ``sql/quality/``, one file a rule."""
    names = query_names("quality")
    rules = " UNION ALL ".join(
        f"SELECT {rule} AS rule, {quoted(name.split('_', 1)[1])} AS reason, * FROM ({query(name)})"
        for rule, name in enumerate(names)
    )
    contract = context.reference.source
    bounds = {
        "earliest": contract.earliest,
        "received_on": context.received_on,
        "maximum": contract.maximum,
        "currency": contract.currency,
    }
    connection.execute(query("raw/create_faults").format(rules=rules), bounds)


def _fingerprinted(connection: duckdb.DuckDBPyConnection, source: Source) -> Source:
    row = connection.execute(
        "SELECT count(*), coalesce(bit_xor(hash(s)), 0) FROM (SELECT * EXCLUDE row_number FROM staged) AS s"
    ).fetchone()
    stamp = "rows:" + ":".join(str(part) for part in row or ())
    return Source(source.name, source.uri, source.kind, stamp)


def write_load(
    connection: duckdb.DuckDBPyConnection, source: Source, reader: Reader, context: LoadContext, started: datetime
) -> Ingested:
    """Write what is staged, inside a transaction: rows, quarantine, stale months and the ledger's line.

    Args:
        connection: Inside a transaction; ``staged``, ``malformed`` and ``faults`` are filled.
        source: What was staged.
        reader: Reads the full text of its rejected rows.
        context: Contract and run.
        started: When its loading began.

    Returns:
        What became of its rows.
    """
    this = {"load_id": source.load_id}
    replaced = _previous(connection, source)
    connection.execute(query("raw/insert_customers"))
    connection.execute(query("raw/update_first_seen"))
    connection.execute(query("raw/create_row_kind"))
    connection.execute(query("raw/create_incoming"))
    settle_claims(connection, source.load_id, replaced, claim_fields(context.reference.source))
    connection.execute(query("raw/insert_transactions"), this)
    _quarantine(connection, reader, source.load_id, context.reference.source)
    connection.execute(query("raw/insert_stale_months"), this | {"replaced": replaced[0] if replaced else None})
    _enter_ledger(connection, source, context.run_id, started, replaced)
    columns = "rows_read, rows_accepted, rows_rejected, rows_duplicate, rows_unclassified"
    row = connection.execute(f"SELECT {columns} FROM raw.loads WHERE load_id = $load_id", this).fetchone()
    return Ingested(1, 0, *(row or ()))


def _previous(connection: duckdb.DuckDBPyConnection, source: Source) -> tuple[str, date, date] | None:
    keys = {"source": source.name, "load_id": source.load_id}
    return connection.execute(query("raw/select_previous_load"), keys).fetchone()


def _quarantine(connection: duckdb.DuckDBPyConnection, reader: Reader, this_load: str, contract: SourceFormat) -> None:
    if connection.execute("SELECT count(*) FROM faults").fetchone() != (0,):
        fields = delivered_fields(reader, contract)
        statement = query("raw/insert_rejected_faults").format(fields=fields, relation=reader.again)
        connection.execute(statement, {"load_id": this_load})
    connection.execute(query("raw/insert_rejected_malformed"), {"load_id": this_load})


def _enter_ledger(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    run_id: str,
    started: datetime,
    replaced: tuple[str, date, date] | None,
) -> None:
    connection.execute("DELETE FROM raw.loads WHERE load_id = $1", [source.load_id])
    if replaced:
        connection.execute("UPDATE raw.loads SET status = 'replaced' WHERE load_id = $1", [replaced[0]])
    line = {
        "load_id": source.load_id,
        "source": source.name,
        "fingerprint": source.fingerprint,
        "run_id": run_id,
        "started_at": started,
    }
    connection.execute(query("raw/insert_load"), line)


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
        f"{rows:,} x {reason} (column {column or '?'}, first: {example['source']} row {example['row']})"
        for reason, column, rows, example in reasons[:3]
    )
    return (
        f"{rejected:,} of {read:,} rows ({rejected / read:.1%}) were rejected, above the limit of "
        f"{settings.max_reject_rate:.1%}: {top}. Nothing was published; have the files mended and run again, "
        "or raise MICROSEG_MAX_REJECT_RATE"
    )
