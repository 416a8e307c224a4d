"""What machines without the ledger do with the rows of a batch: read, judge and write them, and compare their ids."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from tasks.intake.claims import bounds_of
from tasks.intake.context import Terms
from tasks.intake.staged import Staged, stage_all
from warehouse.errors import SourceError
from warehouse.queries import query
from warehouse.settings import Settings
from warehouse.sources.expressions import listing_statement
from warehouse.sources.local_files import hash_file
from warehouse.sources.source import Source
from warehouse.sources.staging import open_reader

# Tables of `raw/create_staged` and `raw/create_staged_summaries`, as the units call them below ``scratch``.
FAULTS = ("malformed", "faulty")
SUMMARIES = ("staged_customers", "staged_days", "staged_codes", "staged_ids")
LISTED = "listed_customers"
_OF_MEMBERS = "SELECT source_number FROM batch"
Limits = tuple[tuple[str, object], ...]
Members = Sequence[tuple[int, str]]


def limits_of(settings: Settings) -> Limits:
    """Return the settings that decide what a row becomes: these are the flow's on every machine."""
    return tuple((name, getattr(settings, name)) for name in ("timezone", "max_file_bytes", "max_expansion"))


def hash_files(
    _connection: duckdb.DuckDBPyConnection, settings: Settings, limits: Limits, *sources: Source
) -> tuple[Source | SourceError, ...]:
    """Return the sources with the fingerprints of their files, or what is wrong with them."""
    own = settings.model_copy(update=dict(limits))
    return tuple(_hashed(own, source) for source in sources)


def _hashed(settings: Settings, source: Source) -> Source | SourceError:
    try:
        return hash_file(settings, source)
    except SourceError as error:
        return error


def list_customers(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    terms: Terms,
    limits: Limits,
    first: int,
    *sources: Source,
) -> None:
    """List the customers of Parquet files, of which one column is read, into ``scratch``; nothing else is looked at.

    Args:
        connection: Of a lone engine that has the table `LISTED`.
        settings: Of this machine.
        terms: Contract and rules.
        limits: `limits_of` the flow's settings.
        first: Number of the first source.
        *sources: In order.
    """
    connection.execute("SET search_path = 'scratch'")
    own = settings.model_copy(update=dict(limits))
    for number, source in enumerate(sources, first):
        with suppress(SourceError, duckdb.Error):  # whoever reads it whole will tell
            reader = open_reader(connection, source, terms.contract, own, "")
            connection.execute(listing_statement(reader, terms.contract), {"source_number": number})


def stage_sources(
    connection: duckdb.DuckDBPyConnection, settings: Settings, terms: Terms, limits: Limits, *sources: Source
) -> tuple[tuple[Staged, ...], tuple[SourceError, ...]]:
    """Read and judge the sources of a batch: good rows into raw.transactions, the others and sums into ``scratch``.

    Args:
        connection: Of a lone engine that has ``expected``, ``codes`` and the tables `FAULTS` and `SUMMARIES`.
        settings: Of this machine.
        terms: Contract and rules.
        limits: `limits_of` the flow's settings.
        *sources: In order.

    Returns:
        As `stage_batch`.
    """
    connection.execute("SET search_path = 'scratch'")
    connection.execute(query("raw/create_staged"))
    # Copies of what is being read are gone with the unit, wherever the home of this machine may be.
    with TemporaryDirectory(prefix="microseg-") as home:
        own = settings.model_copy(update={**dict(limits), "home": Path(home)})
        staged, problems = stage_all(connection, sources, terms, own)
    for table in FAULTS:
        connection.execute(f"INSERT INTO scratch.{table} BY NAME FROM temp.{table}")
    connection.execute(query("units/insert_summaries"))
    connection.execute(query("units/create_arrivals"))
    _name_members(connection, [(each.number, each.source.load_id) for each in staged])
    _write_rows(connection, "")
    return tuple(staged), tuple(problems)


def find_contested(connection: duckdb.DuckDBPyConnection, members: Members, replaced: Sequence[str]) -> None:
    """Find the ids that several rows of the batch claim, or rows that are in, and the rows of the batch that do.

    Args:
        connection: Of a lone engine with ``written``, ``staged_customers``, ``released`` and raw.transactions, or some
            of its files.
        members: Number and load of each source of the batch.
        replaced: Loads whose rows leave.
    """
    connection.execute("SET search_path = 'scratch'")
    _name_members(connection, members)
    connection.execute(query("units/create_staged"))
    connection.execute(query("raw/create_batch_rows").format(numbers=_OF_MEMBERS))
    bounds = bounds_of(connection, "batch_rows")
    connection.execute(query("raw/create_contested"))
    connection.execute(query("raw/insert_contested").format(**bounds), {"replaced": list(replaced)})
    connection.execute(query("units/insert_claiming"))


def enter_rows(connection: duckdb.DuckDBPyConnection, members: Members) -> None:
    """Write the rows of a batch to raw.transactions once more, but those whose id somebody else claims.

    Args:
        connection: Of a lone engine with ``written``, ``staged_customers``, ``arrivals``, ``codes`` and ``contested``.
        members: Number and load of each source of the batch.
    """
    connection.execute("SET search_path = 'scratch'")
    _name_members(connection, members)
    connection.execute(query("units/create_staged"))
    _write_rows(connection, "ANTI JOIN contested USING (transaction_id)")


def _name_members(connection: duckdb.DuckDBPyConnection, members: Members) -> None:
    numbers, load_ids = [number for number, _ in members], [load_id for _, load_id in members]
    connection.execute(query("units/create_members"), {"source_number": numbers, "load_id": load_ids})


def _write_rows(connection: duckdb.DuckDBPyConnection, condition: str) -> None:
    # As where one process writes: the order of rows says nothing, and keeping it costs.
    connection.execute("SET preserve_insertion_order = false")
    connection.execute(query("raw/create_batch_rows").format(numbers=_OF_MEMBERS))
    connection.execute(query("raw/create_row_kind"))
    connection.execute(query("raw/create_incoming"))
    connection.execute(query("units/create_transactions").format(condition=condition))
