"""Load: one staged source into the raw tables, as one transaction."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial

import duckdb

from tasks.intake.claims import LoadSpan, find_claims, settle_claims
from tasks.intake.customers import correct_first_seen, enter_customers, find_leaving, number_customers
from tasks.intake.gate import end_holding, held_versions, hold, judge
from tasks.intake.ledger import Entry, enter_ledger, read_versions
from tasks.intake.quarantine import fill_quarantine
from warehouse.connection import in_transaction
from warehouse.errors import SourceError
from warehouse.queries import query, query_names, quoted
from warehouse.reference.sets import ReferenceSet
from warehouse.settings import Settings
from warehouse.sources.expressions import Reader, claim_fields
from warehouse.sources.source import Source
from warehouse.sources.staging import keep_faulty, stage


@dataclass(frozen=True)
class Ingested:
    """Sources and rows of one run's ingest, by what became of them; the rows of held sources are not among them."""

    sources: int = 0
    unchanged: int = 0
    read: int = 0
    accepted: int = 0
    rejected: int = 0
    duplicate: int = 0
    unclassified: int = 0
    held: int = 0
    withdrawn: int = 0

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


class ChangedError(Exception):
    """A file changed while it was read: what is staged may be a part of it."""


def load_source(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    context: LoadContext,
    unchanged: Callable[[], bool] = lambda: True,
) -> Ingested:
    """Load one source as one transaction, in place of the version of it that was loaded before.

    Args:
        connection: A writing warehouse connection, outside of any transaction.
        source: What to load.
        context: Settings, contract and run.
        unchanged: Asked once all has been read, whether the source is still what its fingerprint says.

    Returns:
        What became of its rows.

    Raises:
        SourceError: The source is unreadable as a whole; nothing was changed.
        ChangedError: It changed while it was read; nothing was changed.
    """
    started = datetime.now(UTC)
    contract = context.reference.source
    try:
        reader = stage(connection, source, contract, context.settings, context.sql)
        find_faults(connection, context)
        reader = keep_faulty(connection, source, reader, contract)
    except SourceError:
        if unchanged():
            raise
        raise ChangedError from None
    if not unchanged():
        raise ChangedError
    source = source if source.fingerprint else fingerprinted(connection, source)
    write = partial(write_load, connection, source, reader, context, started)
    return in_transaction(connection, write, context.settings.commit_attempts)


def fingerprinted(connection: duckdb.DuckDBPyConnection, source: Source) -> Source:
    """Return the source with a fingerprint of the rows in ``staged``, whatever their order."""
    row = connection.execute(query("raw/select_fingerprint")).fetchone()
    return replace(source, fingerprint="rows:" + ":".join(str(part) for part in row or ()))


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


def write_load(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    reader: Reader,
    context: LoadContext,
    started: datetime,
    gated: bool = True,
) -> Ingested:
    """Write what is staged, inside a transaction: rows, quarantine, stale months and the ledger's line.

    Args:
        connection: Inside a transaction; ``staged``, ``malformed`` and ``faults`` are filled.
        source: What was staged.
        reader: Reads the full text of its rejected rows.
        context: Contract, limit of rejects and run.
        started: When its loading began.
        gated: Hold the load back when too many of its rows are rejected.

    Returns:
        What became of its rows; nothing is written when this version is loaded already, or somebody withdrew it.
    """
    connection.execute(query("raw/take_turn"), {"load_id": source.load_id})
    versions = read_versions(connection, source.name)
    same = next((version for version in versions if version.load_id == source.load_id), None)
    if same and (same.in_force or same.left_out):
        end_holding(connection, held_versions(connection, source.name), "replaced")
        return Ingested(sources=1, unchanged=int(same.in_force), withdrawn=int(same.left_out))
    leaving = next((version.span for version in versions if version.in_force), None)
    prepare_incoming(connection)
    find_claims(connection, source.load_id, leaving)
    judged = judge(connection, source.load_id)
    if gated and judged.exceeds(context.settings.max_reject_rate):
        hold(connection, source, reader, context, started, judged)
        return Ingested(sources=1, held=1)
    counts = _write_rows(connection, source, reader, context, leaving)
    return Ingested(1, 0, *enter_ledger(connection, source, Entry("pending", context.run_id, started, counts)))


def prepare_incoming(connection: duckdb.DuckDBPyConnection) -> None:
    """Give what is staged keys for ids, and class and kind for codes; nothing but temporary tables is written."""
    number_customers(connection)
    for name in ("create_codes", "create_row_kind", "create_incoming"):
        connection.execute(query(f"raw/{name}"))


def _write_rows(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    reader: Reader,
    context: LoadContext,
    leaving: LoadSpan | None,
) -> int:
    contract = context.reference.source
    anybody_left = find_leaving(connection, leaving)
    end_holding(connection, held_versions(connection, source.name), "replaced")
    enter_customers(connection)
    settle_claims(connection, source.load_id, leaving, claim_fields(contract))
    accepted = connection.execute(query("raw/insert_transactions"), {"load_id": source.load_id}).fetchone()
    fill_quarantine(connection, reader, source.load_id, contract)
    mark_months(connection, source.load_id, leaving)
    if leaving:
        connection.execute("UPDATE raw.loads SET status = 'replaced' WHERE load_id = $1", [leaving.load_id])
    if anybody_left:
        correct_first_seen(connection)
    return int(accepted[0]) if accepted else 0


def mark_months(connection: duckdb.DuckDBPyConnection, load_id: str, leaving: LoadSpan | None) -> None:
    """Mark the months that a load brings rows into, settles claims in, or takes rows out of."""
    connection.execute(query("raw/create_touched"))
    if leaving:
        months = "SELECT unnest(months_touched) FROM raw.loads WHERE load_id = $1"
        connection.execute(f"INSERT INTO touched (month) {months}", [leaving.load_id])
    connection.execute(query("raw/insert_stale_months"), {"load_id": load_id})
