"""Reads one source into the temporary table ``staged``: the contract's columns, typed and judged."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import duckdb

from warehouse.errors import SourceError
from warehouse.extensions import load_extension
from warehouse.queries import query, quoted
from warehouse.settings import Settings
from warehouse.sources.csv_files import KEEP_ERRORS, check_lines, check_quotes, csv_columns, csv_scan
from warehouse.sources.expressions import Reader, delivered_fields, staging_statement
from warehouse.sources.objects import fetched
from warehouse.sources.parquet_files import check_parquet, check_types
from warehouse.sources.reasons import reason_of, shown
from warehouse.sources.screening import Screened, screened
from warehouse.sources.source import Source

if TYPE_CHECKING:
    from warehouse.reference.sets import SourceFormat

MOST_COLUMNS = 1_000  # a booking has some ten; each costs memory in every row
_TOLD = 20


@dataclass(frozen=True)
class Rules:
    """What a row must be.

    Attributes:
        first_broken: SQL expression on a typed row: the first broken rule with the field at fault, or null.
        bounds: Its parameters.
    """

    first_broken: str
    bounds: dict[str, object]


class Rows(NamedTuple):
    """Rows of a source, and how many of them break a rule or are no rows."""

    read: int
    faulty: int


def stage(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    number: int,
    contract: "SourceFormat",
    rules: Rules,
    settings: Settings,
    sql: str = "",
) -> Rows:
    """Read one source into the temporary tables ``staged``, ``malformed`` and ``faulty``; it is not read again.

    Args:
        connection: A warehouse connection; the tables are there (``raw/create_staged``).
        source: What to read.
        number: Tells its rows from those of other sources in the same tables.
        contract: Column mapping, sign, formats of the reference set.
        rules: What each row is judged by.
        settings: Its time zone's calendar dates are what a time stamp with an offset is booked on; bounds on sizes.
        sql: The query, for PostgreSQL.

    Raises:
        SourceError: The source breaks the contract as a whole: unreadable, or a column is missing. What was read of
            it until then is left in the tables.
    """
    # Only a CSV's rows have no number of their own: there the order of reading must be the file's.
    connection.execute(f"SET preserve_insertion_order = {'true' if source.kind == 'csv' else 'false'}")
    try:
        reader = open_reader(connection, source, contract, settings, sql)
        lines = _fetch_csv(connection, source, number, contract, list(reader.columns), settings)
        rows = stage_rows(connection, reader, number, contract, rules, settings.timezone)
        if lines:
            check_lines(connection, source, number, list(reader.columns), lines.total, rows.read + lines.broken)
        if rows.faulty:
            keep_faulty(connection, source, number, reader, contract)
    except duckdb.Error as error:
        raise unreadable(source, contract, error) from None  # the cause would show a database's password
    broken = lines.broken if lines else 0
    return Rows(rows.read + broken, rows.faulty + broken)


def stage_rows(
    connection: duckdb.DuckDBPyConnection,
    reader: Reader,
    number: int,
    contract: "SourceFormat",
    rules: Rules,
    timezone: str,
) -> Rows:
    """Type and judge the rows of a reader.

    Args:
        connection: With the tables of `raw/create_staged`.
        reader: Rows as they are delivered.
        number: Of the source in its batch.
        contract: Columns and their form.
        rules: What a row must be.
        timezone: IANA name, of dates without a zone.

    Raises:
        duckdb.Error: They cannot be read.
    """
    statement = staging_statement(reader, contract, timezone, rules.first_broken)
    connection.execute(statement, {"source_number": number} | rules.bounds)
    statement = "SELECT count(*), count(fault) FROM staged WHERE source_number = $1"
    return Rows(*(connection.execute(statement, [number]).fetchone() or (0, 0)))


def open_reader(
    connection: duckdb.DuckDBPyConnection, source: Source, contract: "SourceFormat", settings: Settings, sql: str
) -> Reader:
    """Describe the source and check that every column of the contract is there.

    Args:
        connection: A warehouse connection.
        source: A file, object or query.
        contract: Columns and their form.
        settings: Limits on size and growth.
        sql: Query of a PostgreSQL source.

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


class _Lines(NamedTuple):
    total: int  # that are not empty, the header counted
    broken: int  # that are no rows


def _fetch_csv(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    number: int,
    contract: "SourceFormat",
    columns: list[str],
    settings: Settings,
) -> _Lines | None:
    """Fill ``fetched`` and ``malformed`` from a CSV; None for a source of another kind."""
    if source.kind != "csv":
        return None
    connection.execute("DROP TABLE IF EXISTS temp.csv_errors; DROP TABLE IF EXISTS temp.csv_scans")
    with _screened(settings, source, contract) as found:
        scan = csv_scan(found.uri, contract.delimiter, columns, KEEP_ERRORS, found.encoding, found.packed)
        connection.execute(query("raw/create_fetched").format(relation=scan))
    broken = connection.execute("SELECT count(DISTINCT line) FROM csv_errors").fetchone() or (0,)
    if broken[0]:
        check_quotes(connection, source)
        connection.execute(query("raw/insert_malformed"), {"source_number": number})
        connection.execute(query("raw/renumber_fetched"), {"source_number": number})
    return _Lines(found.lines, broken[0])


@contextmanager
def _screened(settings: Settings, source: Source, contract: "SourceFormat") -> Iterator[Screened]:
    local = nullcontext(source.name) if source.stat else fetched(settings, source)
    with local as place, screened(settings, source, place, contract.encoding) as found:
        yield found


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
    connection: duckdb.DuckDBPyConnection, source: Source, number: int, reader: Reader, contract: "SourceFormat"
) -> None:
    """Keep the faulty rows as they were delivered: a source may change later, and is dear to read.

    Raises:
        duckdb.Error: They cannot be read.
    """
    try:
        _insert_faulty(connection, number, reader, contract)
    except duckdb.Error:
        if source.kind != "parquet":
            raise
        # A text in another column may be one that cannot be read.
        named = set(contract.columns.values())
        columns = {name: kind for name, kind in reader.columns.items() if name in named}
        _insert_faulty(connection, number, replace(reader, columns=columns), contract)


def _insert_faulty(
    connection: duckdb.DuckDBPyConnection, number: int, reader: Reader, contract: "SourceFormat"
) -> None:
    fields = delivered_fields(reader, contract)
    statement = query("raw/insert_faulty").format(fields=fields, relation=reader.relation)
    connection.execute(statement, {"source_number": number})


def unreadable(source: Source, contract: "SourceFormat", error: duckdb.Error) -> SourceError:
    """Return the one line for a source that DuckDB cannot read, without a password and without a value."""
    form = f" as {contract.encoding} CSV delimited by {contract.delimiter!r}" if source.kind == "csv" else ""
    return SourceError(f"{source.name} cannot be read{form}: {reason_of(error)}; nothing was loaded")
