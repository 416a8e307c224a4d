"""Replay: corrected rejects go back through the contract; what is still faulty stays in the quarantine."""

import glob
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from tasks.intake.context import Ingested, LoadContext
from tasks.intake.load import write_batch
from tasks.intake.quarantine import select_rejects, source_columns
from tasks.intake.rules import rules_of
from tasks.intake.staged import Staged, fingerprinted
from warehouse.connection import connect, in_transaction
from warehouse.errors import SourceError
from warehouse.queries import identifier, query
from warehouse.reference.sets import SourceFormat
from warehouse.sources.csv_files import RAISE_ERRORS, csv_columns, csv_scan
from warehouse.sources.expressions import Reader
from warehouse.sources.local_files import is_packed
from warehouse.sources.reasons import reason_of
from warehouse.sources.source import Source
from warehouse.sources.staging import Rows, stage_rows

_ADVICE = "start from a file that `microseg rejects` wrote"


def replay(context: LoadContext, file: Path | None) -> Ingested:
    """Put rejected rows back in, as one transaction.

    A row that lost its id to another row and is offered unchanged is left as it is: its claim stands.

    Args:
        context: Settings, contract and run.
        file: Corrected rows as `write_rejects` wrote them; None tries all waiting rows again under today's rules,
            for example after a correction of the reference set.

    Returns:
        What became of them; `rejected` counts the rows that still break a rule and keep waiting.

    Raises:
        SourceError: The file is not of the form that `write_rejects` writes.
    """
    with connect(context.settings) as connection:
        return in_transaction(connection, lambda: _replay(connection, context, file), context.settings.commit_attempts)


def _replay(connection: duckdb.DuckDBPyConnection, context: LoadContext, file: Path | None) -> Ingested:
    contract = context.reference.source
    connection.execute(query("raw/create_staged"))
    reader = _read_corrected(connection, contract, file)
    rows, faulty = stage_rows(connection, reader, 0, contract, rules_of(context.terms), context.settings.timezone)
    connection.execute(query("raw/delete_faulty"))
    if rows == faulty:
        return Ingested(read=faulty, rejected=faulty)
    done = _write(connection, rows - faulty, context)
    return replace(done, read=done.read + faulty, rejected=done.rejected + faulty)


def _read_corrected(connection: duckdb.DuckDBPyConnection, contract: SourceFormat, file: Path | None) -> Reader:
    columns = [identifier(name) for name in source_columns(contract)]
    waiting = select_rejects(source_columns(contract))
    offered = waiting if file is None else f"SELECT * FROM {_scan(connection, contract, file)}"
    try:
        connection.execute(query("raw/create_corrected").format(names=", ".join(columns), relation=offered))
    except duckdb.Error as error:
        raise SourceError(f"{file} cannot be replayed: {reason_of(error)}; {_ADVICE}") from None
    if row := connection.execute(query("raw/select_twice_corrected")).fetchone():
        raise SourceError(f"{file} holds row {row[1]} of load {row[0]} more than once; keep only the correct one")
    same = " AND ".join(f"corrected.{name} IS NOT DISTINCT FROM waiting.{name}" for name in columns)
    connection.execute(query("raw/delete_uncorrected").format(waiting=waiting, same=same))
    return Reader("corrected", dict.fromkeys(source_columns(contract), "VARCHAR"))


def _scan(connection: duckdb.DuckDBPyConnection, contract: SourceFormat, file: Path) -> str:
    form = replace(contract, delimiter=",", encoding="utf-8")
    source = Source(str(file), glob.escape(str(file)), "csv", "")
    if not file.is_file():
        raise SourceError(f"{file} is not a file; {_ADVICE}")
    columns = csv_columns(connection, source, form)
    if missing := [name for name in ("load_id", "row_number", *source_columns(contract)) if name not in columns]:
        raise SourceError(f"{file} lacks the column {missing[0]}; {_ADVICE}")
    return csv_scan(source.uri, form.delimiter, columns, RAISE_ERRORS, form.encoding, is_packed(source.name))


def _write(connection: duckdb.DuckDBPyConnection, rows: int, context: LoadContext) -> Ingested:
    now = datetime.now(UTC)
    source = fingerprinted(connection, Source(f"replay:{now:%Y%m%dT%H%M%S.%f}:{context.run_id}", "", "csv", ""))
    connection.execute(query("raw/update_corrected_claims"), {"load_id": source.load_id})
    connection.execute(query("raw/update_replayed"), {"load_id": source.load_id})
    done, _ = write_batch(connection, [Staged(0, source, Rows(rows, 0), now)], context, gated=False)
    return done
