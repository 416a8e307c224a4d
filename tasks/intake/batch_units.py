"""What machines without the ledger do with the rows of a batch: read and judge them, compare their ids, enter them."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from tasks.intake.claims import bounds_of
from tasks.intake.context import Terms
from tasks.intake.staged import Staged, stage_all
from warehouse.errors import SourceError
from warehouse.queries import query
from warehouse.settings import Settings
from warehouse.sources.local_files import hash_file
from warehouse.sources.source import Source

# Tables of `raw/create_staged` and `raw/create_staged_summaries`, as the units call them below ``scratch``.
STAGED = ("staged", "malformed", "faulty")
SUMMARIES = ("staged_customers", "staged_days", "staged_codes", "staged_ids")
# Columns of ``staged`` that a row is judged by, and that nobody needs of one that was found good.
JUDGED_BY = ("has_date", "has_amount", "number")
Limits = tuple[tuple[str, object], ...]


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


def stage_sources(
    connection: duckdb.DuckDBPyConnection, settings: Settings, terms: Terms, limits: Limits, *sources: Source
) -> tuple[tuple[Staged, ...], tuple[SourceError, ...]]:
    """Read and judge the sources of a batch, into ``scratch``.

    Args:
        connection: Of a lone engine that has the tables `STAGED` and `SUMMARIES`.
        settings: Of this machine.
        terms: Contract and rules.
        limits: `limits_of` the flow's settings.
        *sources: In order.

    Returns:
        As `stage_batch`.
    """
    connection.execute("SET search_path = 'scratch'")
    # Copies of what is being read are gone with the unit, wherever the home of this machine may be.
    with TemporaryDirectory(prefix="microseg-") as home:
        own = settings.model_copy(update={**dict(limits), "home": Path(home)})
        staged, problems = stage_all(connection, sources, terms, own)
    connection.execute(query("units/insert_summaries"))
    for column in JUDGED_BY:
        connection.execute(f"ALTER TABLE staged DROP COLUMN {column}")
    return tuple(staged), tuple(problems)


def find_contested(connection: duckdb.DuckDBPyConnection, numbers: Sequence[int], replaced: Sequence[str]) -> None:
    """Find the ids that several rows of the batch claim, or rows that are in, and the rows of the batch that do.

    Args:
        connection: Of a lone engine with ``staged``, ``released`` and raw.transactions, or some of its files.
        numbers: Of the sources of the batch.
        replaced: Loads whose rows leave.
    """
    connection.execute("SET search_path = 'scratch'")
    listed = ", ".join(map(str, numbers))
    connection.execute(query("raw/create_batch_rows").format(numbers=listed))
    bounds = bounds_of(connection, "batch_rows")
    connection.execute(query("raw/create_contested"))
    connection.execute(query("raw/insert_contested").format(**bounds), {"replaced": list(replaced)})
    connection.execute(query("units/insert_claiming").format(numbers=listed))


def enter_rows(connection: duckdb.DuckDBPyConnection, members: Sequence[tuple[int, str]]) -> None:
    """Write the rows of a batch whose id nobody else claims to raw.transactions.

    Args:
        connection: Of a lone engine with ``staged``, ``arrivals``, ``codes`` and ``contested``.
        members: Number and load of each source of the batch.
    """
    # As where one process writes: the order of rows says nothing, and keeping it costs.
    connection.execute("SET search_path = 'scratch'; SET preserve_insertion_order = false")
    numbers, load_ids = zip(*members, strict=True)
    connection.execute(query("units/create_members"), {"source_number": list(numbers), "load_id": list(load_ids)})
    connection.execute(query("raw/create_batch_rows").format(numbers=", ".join(map(str, numbers))))
    connection.execute(query("raw/create_row_kind"))
    connection.execute(query("raw/create_incoming"))
    uncontested = "ANTI JOIN contested USING (transaction_id)"
    connection.execute(query("raw/insert_transactions").format(condition=uncontested))
