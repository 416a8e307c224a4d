"""Seal: the checksums that a run ends with, of what it wrote."""

from collections.abc import Sequence
from functools import partial

import duckdb

from tasks.operation.verify import Problem, refuse, sealed, wrong_sizes
from tasks.units.checksums import checksum_units
from tasks.units.progress import silent
from tasks.units.unit import Ask, Crew, in_transaction_by_units
from warehouse.attachment import CATALOG
from warehouse.connection import connect
from warehouse.errors import ConflictError
from warehouse.queries import query
from warehouse.settings import Settings
from warehouse.stored import DataFile, digest, live_files, sizes

# The manifest stays inside of the catalog, however long it is: no data file vouches for itself.
_INLINED = 100_000_000


def seal(settings: Settings, crew: Crew | None = None) -> int:
    """Take the checksums of the files that were written since the last seal; forget those of files that are gone.

    Args:
        settings: Settings of the warehouse.
        crew: Reads the files; None: they are read here.

    Returns:
        Files sealed now.

    Raises:
        DamageError: A file is not of the size that was written.
    """
    with connect(settings) as connection:
        _keep_in_catalog(connection)
        work = partial(_seal, connection, settings)
        return in_transaction_by_units(connection, work, crew, (), settings.commit_attempts, silent)


def _seal(connection: duckdb.DuckDBPyConnection, settings: Settings, ask: Ask | None) -> int:
    files, known = live_files(connection), sealed(connection)
    if gone := list(known.keys() - {file.path for file in files}):
        connection.execute("DELETE FROM ops.files WHERE path IN (SELECT unnest($1::VARCHAR[]))", [gone])
    arrived = [file for file in files if file.path not in known]
    refuse(wrong_sizes(arrived, sizes(connection, settings, arrived)))
    if arrived:
        digests = _digests(connection, settings, arrived, ask)
        lines = {"paths": [file.path for file in arrived], "bytes": [file.size for file in arrived], "digests": digests}
        connection.execute(query("files/insert_sealed"), lines)
    return len(arrived)


def _digests(
    connection: duckdb.DuckDBPyConnection, settings: Settings, files: Sequence[DataFile], ask: Ask | None
) -> list[str]:
    if ask is None:
        return [digest(connection, settings, file.path) for file in files]
    asked = [(batch, ask(unit)) for batch, unit in checksum_units(settings, files)]
    read = [(file, one) for batch, facts in asked if facts for file, one in zip(batch, facts.figures, strict=True)]
    refuse([Problem(file, f"cannot be read ({one.fault})") for file, one in read if one.fault])
    unread = len(files) - len(read)  # what is written of them is taken back
    return [one.sha256 for _, one in read] + [""] * unread


def _keep_in_catalog(connection: duckdb.DuckDBPyConnection) -> None:
    # A migration cannot: no option can be set of a table before the transaction that makes it ends.
    text = (
        f"SELECT 1 FROM {CATALOG}.options() WHERE option_name = 'data_inlining_row_limit' AND scope_entry = 'ops.files'"
    )
    if connection.execute(text).fetchone() is None:
        option = (
            f"CALL {CATALOG}.set_option('data_inlining_row_limit', {_INLINED}, schema => 'ops', table_name => 'files')"
        )
        connection.execute(option)


def seal_if_free(settings: Settings, crew: Crew | None = None) -> None:
    """Seal at the end of a run; while another writer keeps the warehouse busy, it is left to the next run."""
    try:
        seal(settings, crew)
    except ConflictError:
        return
