"""Reads one source into the temporary table ``staged``: the contract's columns, typed, one row a source row."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

import duckdb

from warehouse.errors import SourceError
from warehouse.extensions import load_extension
from warehouse.queries import identifier, query, quoted
from warehouse.settings import Settings
from warehouse.sources.csv_files import KEEP_ERRORS, check_whole, csv_columns, csv_scan, is_packed
from warehouse.sources.expressions import Reader, staging_statement
from warehouse.sources.parquet_files import check_parquet, check_types
from warehouse.sources.reasons import reason_of, shown
from warehouse.sources.screening import Screened, screened
from warehouse.sources.source import Source

if TYPE_CHECKING:
    from warehouse.reference.sets import SourceFormat

# A booking has some ten; each costs memory in every row.
MOST_COLUMNS = 1_000
_TOLD = 20


def stage(
    connection: duckdb.DuckDBPyConnection, source: Source, contract: "SourceFormat", settings: Settings, sql: str = ""
) -> Reader:
    """Fill the temporary tables ``staged`` and ``malformed`` from one source.

    Args:
        connection: A warehouse connection outside of any transaction.
        source: What to read.
        contract: Column mapping, sign, formats of the reference set.
        settings: Its time zone's calendar dates are what a time stamp with an offset is booked on; bounds on sizes.
        sql: The query, for PostgreSQL.

    Returns:
        The reader, to fetch the full text of rejected rows with.

    Raises:
        SourceError: The source breaks the contract as a whole: unreadable, or a column is missing.
    """
    # Only a CSV's rows have no number of their own: there the order of reading must be the file's.
    connection.execute(f"SET preserve_insertion_order = {'true' if source.kind == 'csv' else 'false'}")
    try:
        reader = open_reader(connection, source, contract, settings, sql)
        connection.execute(query("raw/create_malformed_none"))
        if source.kind == "csv":
            _fetch_csv(connection, source, contract, list(reader.columns), settings)
        connection.execute(staging_statement(reader, contract, settings.timezone))
    except duckdb.Error as error:
        raise unreadable(source, contract, error) from None  # the cause would show a database's password
    return reader


def open_reader(
    connection: duckdb.DuckDBPyConnection, source: Source, contract: "SourceFormat", settings: Settings, sql: str
) -> Reader:
    """Describe the source and check that every column of the contract is there.

    Raises:
        SourceError: The source cannot be opened, is a bomb, or a column is missing or holds no plain values.
    """
    try:
        if source.kind == "parquet":
            check_parquet(connection, settings, source, contract)
        relation, columns = _describe(connection, source, contract, sql)
    except duckdb.Error as error:
        raise unreadable(source, contract, error) from None  # the cause would show a database's password
    if len(columns) > MOST_COLUMNS:
        raise SourceError(
            f"{source.name} has {len(columns):,} columns, more than {MOST_COLUMNS:,}: deliver those of the contract; "
            "nothing was loaded"
        )
    missing = [name for name in contract.columns.values() if name and name not in columns]
    if missing:
        raise SourceError(_missing_message(source, contract, missing, list(columns)))
    check_types(source, contract, columns)
    return Reader(relation, columns)


def _describe(
    connection: duckdb.DuckDBPyConnection, source: Source, contract: "SourceFormat", sql: str
) -> tuple[str, dict[str, str]]:
    if source.kind == "csv":
        return "fetched", dict.fromkeys(csv_columns(connection, source, contract), "VARCHAR")
    relation = "fetched"
    if source.kind == "parquet":
        scan = f"read_parquet({quoted(source.uri)}, file_row_number = true, hive_partitioning = false)"
        relation = f"(SELECT * EXCLUDE file_row_number, file_row_number + 1 AS microseg_row FROM {scan})"
    else:
        _fetch_query(connection, source, sql)
    described = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    return relation, {str(name): str(kind) for name, kind, *_ in described if name != "microseg_row"}


def _fetch_csv(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    contract: "SourceFormat",
    columns: list[str],
    settings: Settings,
) -> None:
    connection.execute("DROP TABLE IF EXISTS temp.csv_errors; DROP TABLE IF EXISTS temp.csv_scans")
    with _screened(settings, source, contract) as found:
        scan = csv_scan(found.uri, contract.delimiter, columns, KEEP_ERRORS, found.encoding, found.packed)
        connection.execute(query("raw/create_fetched").format(relation=scan))
    connection.execute(query("raw/create_malformed"))
    check_whole(connection, source, columns, found.lines)
    connection.execute(query("raw/renumber_fetched"))


def _screened(settings: Settings, source: Source, contract: "SourceFormat") -> AbstractContextManager[Screened]:
    if source.stat is None:  # an object in a store is not fetched twice
        return nullcontext(Screened(source.uri, contract.encoding, is_packed(source.name), None))
    return screened(settings, source.name, source.uri, contract.encoding)


def _fetch_query(connection: duckdb.DuckDBPyConnection, source: Source, sql: str) -> None:
    load_extension(connection, "postgres_scanner")
    connection.execute(f"ATTACH OR REPLACE {quoted(source.uri)} AS source_database (TYPE postgres, READ_ONLY)")
    result = f"postgres_query('source_database', {quoted(sql.strip().rstrip(';'))})"
    try:
        connection.execute(query("raw/create_fetched").format(relation=result))
    finally:
        connection.execute("DETACH source_database")  # the bank's server is not kept waiting while rows are written


def _missing_message(source: Source, contract: "SourceFormat", missing: list[str], delivered: list[str]) -> str:
    hint = ""
    if source.kind == "csv" and len(delivered) == 1 and any(mark in delivered[0] for mark in ";\t|,"):
        hint = f"; it seems not to be delimited by {contract.delimiter!r}: set [csv] delimiter in source.toml"
    plural = "columns" if len(missing) > 1 else "column"
    names = ", ".join(missing)
    told = ", ".join(shown(name) for name in delivered[:_TOLD])
    more = f" and {len(delivered) - _TOLD} more" if len(delivered) > _TOLD else ""
    return f"{source.name}: {plural} {names} missing (found: {told}{more}){hint}; nothing was loaded"


def keep_faulty(
    connection: duckdb.DuckDBPyConnection, source: Source, reader: Reader, contract: "SourceFormat"
) -> Reader:
    """Return a reader of the faulty rows that reads the source no more: a file may change, and is dear to read.

    Args:
        connection: ``faults`` is filled.
        source: What was staged.
        reader: As `stage` returned it.
        contract: Names the columns that a row is kept with where a text in another one cannot be read.

    Raises:
        SourceError: The source cannot be read any more.
    """
    if source.kind != "parquet":
        return reader  # kept whole already
    named = set(contract.columns.values())
    problem: duckdb.Error | None = None
    for columns in (reader.columns, {name: kind for name, kind in reader.columns.items() if name in named}):
        names = ", ".join(map(identifier, columns))
        try:
            connection.execute(query("raw/create_faulty").format(columns=names, relation=reader.relation))
        except duckdb.Error as error:
            problem = error
        else:
            return replace(reader, relation="faulty", columns=columns)
    assert problem is not None  # noqa: S101 - the loop has two turns
    raise unreadable(source, contract, problem)


def unreadable(source: Source, contract: "SourceFormat", error: duckdb.Error) -> SourceError:
    """Return the one line for a source that DuckDB cannot read, without a password and without a value."""
    form = f" as {contract.encoding} CSV delimited by {contract.delimiter!r}" if source.kind == "csv" else ""
    return SourceError(f"{source.name} cannot be read{form}: {reason_of(error)}; nothing was loaded")
