"""Load: one staged source into the raw tables, as one transaction."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial

import duckdb

from tasks.intake.claims import settle_claims
from warehouse.connection import in_transaction
from warehouse.queries import query, query_names, quoted
from warehouse.reference.sets import ReferenceSet, SourceFormat
from warehouse.settings import Settings
from warehouse.sources.discovery import Source
from warehouse.sources.staging import Reader, claim_fields, delivered_fields, stage


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
    source = source if source.fingerprint else fingerprinted(connection, source)
    find_faults(connection, context)
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
        What became of its rows; nothing is written when this version is loaded already.
    """
    this = {"load_id": source.load_id}
    connection.execute(query("raw/take_turn"), this)
    versions = connection.execute(query("raw/select_versions"), {"source": source.name}).fetchall()
    standing = [(load_id, *span) for load_id, counts, *span in versions if counts]
    if any(load_id == source.load_id for load_id, *_ in standing):
        return Ingested(sources=1, unchanged=1)
    replaced = standing[0] if standing else None
    if any(load_id == source.load_id for load_id, *_ in versions):  # a version that was replaced comes back
        connection.execute("DELETE FROM raw.loads WHERE load_id = $1", [source.load_id])
    _enter_customers(connection)
    for name in ("create_codes", "create_row_kind", "create_incoming"):
        connection.execute(query(f"raw/{name}"))
    settle_claims(connection, source.load_id, replaced, claim_fields(context.reference.source))
    accepted = connection.execute(query("raw/insert_transactions"), this).fetchone()
    _quarantine(connection, reader, source.load_id, context.reference.source)
    _mark_months(connection, source.load_id, replaced)
    line = {"run_id": context.run_id, "started_at": started, "accepted": accepted[0] if accepted else 0}
    return _enter_ledger(connection, source, line, replaced)


def _enter_customers(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(query("raw/create_arrivals"))
    new, earlier = connection.execute(query("raw/select_arrivals")).fetchone() or (0, 0)
    if new:  # a write to the lake has its price even when it writes nothing
        connection.execute(query("raw/number_arrivals"))
        connection.execute(query("raw/insert_customers"))
    if earlier:
        connection.execute(query("raw/update_first_seen"))


def _quarantine(connection: duckdb.DuckDBPyConnection, reader: Reader, this_load: str, contract: SourceFormat) -> None:
    if connection.execute("SELECT count(*) FROM faults").fetchone() != (0,):
        fields = delivered_fields(reader, contract)
        statement = query("raw/insert_rejected_faults").format(fields=fields, relation=reader.relation)
        connection.execute(statement, {"load_id": this_load})
    if connection.execute("SELECT count(*) FROM malformed").fetchone() != (0,):
        connection.execute(query("raw/insert_rejected_malformed"), {"load_id": this_load})


def _mark_months(
    connection: duckdb.DuckDBPyConnection, this_load: str, replaced: tuple[str, date, date] | None
) -> None:
    connection.execute(query("raw/create_touched"))
    if replaced:
        months = "SELECT unnest(months_touched) FROM raw.loads WHERE load_id = $1"
        connection.execute(f"INSERT INTO touched {months}", [replaced[0]])
    connection.execute(query("raw/insert_stale_months"), {"load_id": this_load})


def _enter_ledger(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    line: dict[str, object],
    replaced: tuple[str, date, date] | None,
) -> Ingested:
    if replaced:
        connection.execute("UPDATE raw.loads SET status = 'replaced' WHERE load_id = $1", [replaced[0]])
    names = {"load_id": source.load_id, "source": source.name, "fingerprint": source.fingerprint}
    connection.execute(query("raw/create_entry"), names | line)
    connection.execute("INSERT INTO raw.loads BY NAME FROM entry")
    columns = "rows_read, rows_accepted, rows_rejected, rows_duplicate, rows_unclassified"
    row = connection.execute(f"SELECT {columns} FROM entry").fetchone()
    return Ingested(1, 0, *(row or ()))
