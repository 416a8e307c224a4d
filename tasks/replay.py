"""Replay: mended rejects go back through the contract; what is still faulty stays in the quarantine."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from tasks.ingest import Ingested, LoadContext, find_faults, write_load
from warehouse.connection import connect, in_transaction
from warehouse.errors import SourceError
from warehouse.queries import identifier, query, quoted
from warehouse.references import SourceFormat
from warehouse.settings import Settings
from warehouse.sources import Source
from warehouse.staging import Reader, staging_statement


def write_rejects(settings: Settings, contract: SourceFormat, target: Path) -> int:
    """Write the rows that wait in the quarantine to a CSV file, to be mended and replayed.

    Args:
        settings: Settings of the warehouse.
        contract: Names the source's columns.
        target: CSV file; written under a temporary name and renamed. It holds personal data.

    Returns:
        Number of rows written.
    """
    partial = target.with_name(target.name + ".partial")
    with connect(settings, read_only=True) as connection:
        statement = f"COPY ({_waiting(contract)}) TO {quoted(str(partial))} (FORMAT csv, HEADER)"
        row = connection.execute(statement).fetchone()
    os.replace(partial, target)
    return int(row[0]) if row else 0


def replay(context: LoadContext, file: Path | None) -> Ingested:
    """Put rejected rows back in, as one transaction.

    Args:
        context: Settings, contract and run.
        file: Mended rows as `write_rejects` wrote them; None tries all waiting rows again under today's rules,
            for example after a correction of the reference set.

    Returns:
        What became of them; `rejected` counts the rows that still break a rule and keep waiting.

    Raises:
        SourceError: The file is not of the form that `write_rejects` writes.
    """
    with connect(context.settings) as connection:
        reader = _read_mended(connection, context.reference.source, file)
        connection.execute(staging_statement(reader, context.reference.source, context.settings.timezone))
        connection.execute(query("raw/create_malformed_none"))
        find_faults(connection, context)
        faulty = connection.execute("SELECT count(*) FROM faults").fetchone() or (0,)
        connection.execute("DELETE FROM staged WHERE row_number IN (SELECT row_number FROM faults); DELETE FROM faults")
        if connection.execute("SELECT count(*) FROM staged").fetchone() == (0,):
            return Ingested(read=faulty[0], rejected=faulty[0])
        done = in_transaction(connection, lambda: _write(connection, reader, context), context.settings.commit_attempts)
    return replace(done, read=done.read + faulty[0], rejected=done.rejected + faulty[0])


def _waiting(contract: SourceFormat) -> str:
    names = [name for name in contract.columns.values() if name]
    fields = ", ".join(f"row_text->>{quoted('$.' + chr(34) + name + chr(34))} AS {identifier(name)}" for name in names)
    return query("raw/select_waiting").format(fields=fields)


def _read_mended(connection: duckdb.DuckDBPyConnection, contract: SourceFormat, file: Path | None) -> Reader:
    relation = _waiting(contract)
    if file is not None:
        options = "all_varchar = true, header = true, delim = ',', quote = '\"', escape = '\"'"
        scan = f"read_csv({quoted(str(file))}, {options})"
        relation = f"SELECT * REPLACE (TRY_CAST(row_number AS BIGINT) AS row_number) FROM {scan}"
    try:
        connection.execute(query("raw/create_mended").format(relation=relation))
    except duckdb.Error as error:
        raise SourceError(
            f"{file} cannot be replayed: {str(error).splitlines()[0]}; start from a file that `microseg rejects` wrote"
        ) from error
    columns = {str(name): str(kind) for name, kind, *_ in connection.execute("DESCRIBE mended").fetchall()}
    if missing := [name for name in contract.columns.values() if name and name not in columns]:
        raise SourceError(f"{file} lacks the column {missing[0]}; start from a file that `microseg rejects` wrote")
    return Reader("mended", "mended", columns)


def _write(connection: duckdb.DuckDBPyConnection, reader: Reader, context: LoadContext) -> Ingested:
    row = connection.execute(query("raw/select_fingerprint")).fetchone() or ()
    stamp = "rows:" + ":".join(str(part) for part in row)
    source = Source(f"replay:{datetime.now(UTC):%Y%m%dT%H%M%S}:{context.run_id}", "", "csv", stamp)
    done = write_load(connection, source, reader, context, datetime.now(UTC))
    connection.execute(query("raw/update_replayed"), {"load_id": source.load_id})
    return done
