"""Reads one source into the temporary table ``staged``: the contract's columns, typed, one row a source row.

What cannot be typed becomes null beside a flag that says it was there, so that the rules of ``sql/quality/`` are
plain predicates and no row is ever lost on the way to the quarantine.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from warehouse.errors import SourceError
from warehouse.extensions import load_extension
from warehouse.queries import identifier, query, quoted
from warehouse.sources.csv_files import KEEP_ERRORS, check_whole, csv_columns, csv_scan
from warehouse.sources.discovery import Source
from warehouse.sources.reasons import reason_of

if TYPE_CHECKING:
    from warehouse.reference.sets import SourceFormat

_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
_NUMBERS = (*_INTEGERS, *("U" + name for name in _INTEGERS), "FLOAT", "DOUBLE", "DECIMAL")
_ZONED = "'.*[0-9]{2}:[0-9]{2}.*(Z|z|[+-][0-9]{2}(:?[0-9]{2})?)'"


@dataclass(frozen=True)
class Reader:
    """How DuckDB reads a source.

    Attributes:
        relation: The FROM expression, which can be read twice; column ``microseg_row`` counts the rows from 1.
        columns: Name and DuckDB type of each delivered column.
    """

    relation: str
    columns: dict[str, str]


def stage(
    connection: duckdb.DuckDBPyConnection, source: Source, contract: "SourceFormat", timezone: str, sql: str = ""
) -> Reader:
    """Fill the temporary tables ``staged`` and ``malformed`` from one source.

    Args:
        connection: A warehouse connection outside of any transaction.
        source: What to read.
        contract: Column mapping, sign, formats of the reference set.
        timezone: Zone whose calendar dates a time stamp with an offset is booked on.
        sql: The query, for PostgreSQL.

    Returns:
        The reader, to fetch the full text of rejected rows with.

    Raises:
        SourceError: The source breaks the contract as a whole: unreadable, or a column is missing.
    """
    # Only a CSV's rows have no number of their own: there the order of reading must be the file's.
    connection.execute(f"SET preserve_insertion_order = {'true' if source.kind == 'csv' else 'false'}")
    try:
        reader = open_reader(connection, source, contract, sql)
        connection.execute(query("raw/create_malformed_none"))
        if source.kind == "csv":
            _fetch_csv(connection, source, contract, list(reader.columns))
        connection.execute(staging_statement(reader, contract, timezone))
    except duckdb.Error as error:
        raise unreadable(source, contract, error) from None  # the cause would show a database's password
    return reader


def open_reader(connection: duckdb.DuckDBPyConnection, source: Source, contract: "SourceFormat", sql: str) -> Reader:
    """Describe the source and check that every column of the contract is there.

    Raises:
        SourceError: The source cannot be opened, or a column is missing.
    """
    try:
        relation, columns = _describe(connection, source, contract, sql)
    except duckdb.Error as error:
        raise unreadable(source, contract, error) from None  # the cause would show a database's password
    missing = [name for name in contract.columns.values() if name and name not in columns]
    if missing:
        raise SourceError(_missing_message(source, contract, missing, list(columns)))
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
    connection: duckdb.DuckDBPyConnection, source: Source, contract: "SourceFormat", columns: list[str]
) -> None:
    connection.execute("DROP TABLE IF EXISTS temp.csv_errors; DROP TABLE IF EXISTS temp.csv_scans")
    connection.execute(query("raw/create_fetched").format(relation=csv_scan(source, contract, columns, KEEP_ERRORS)))
    if connection.execute("SELECT count(*) FROM csv_errors").fetchone() != (0,):
        check_whole(connection, source)
        connection.execute(query("raw/create_malformed"))
        connection.execute(query("raw/renumber_fetched"))


def _fetch_query(connection: duckdb.DuckDBPyConnection, source: Source, sql: str) -> None:
    load_extension(connection, "postgres_scanner")
    connection.execute(f"ATTACH OR REPLACE {quoted(source.uri)} AS source_database (TYPE postgres, READ_ONLY)")
    result = f"postgres_query('source_database', {quoted(sql.strip().rstrip(';'))})"
    try:
        connection.execute(query("raw/create_fetched").format(relation=result))
    finally:
        connection.execute("DETACH source_database")  # the bank's server is not kept waiting while rows are written


def _missing_message(source: Source, contract: "SourceFormat", missing: list[str], found: list[str]) -> str:
    hint = ""
    if source.kind == "csv" and len(found) == 1 and any(mark in found[0] for mark in ";\t|,"):
        hint = f"; it seems not to be delimited by {contract.delimiter!r}: set [csv] delimiter in source.toml"
    plural = "columns" if len(missing) > 1 else "column"
    names = ", ".join(missing)
    return f"{source.name}: {plural} {names} missing (found: {', '.join(found)}){hint}; nothing was loaded"


def staging_statement(reader: Reader, contract: "SourceFormat", timezone: str) -> str:
    """Return the statement that types one reader's rows into ``staged``."""
    named = {field: (column, reader.columns.get(column, "")) for field, column in contract.columns.items()}
    return query("raw/create_staged").format(
        transaction_id=_text(*named["transaction_id"]),
        customer_id=_text(*named["customer_id"]),
        has_date=_present(*named["booked_at"]),
        booked_on=_date(*named["booked_at"], contract.date_formats, timezone),
        has_amount=_present(*named["amount"]),
        number=_amount(*named["amount"], contract.decimal, "DOUBLE"),
        amount=_amount(*named["amount"], contract.decimal, "DECIMAL(18, 2)"),
        sign="-" if contract.money_out == "negative" else "",
        currency=_currency(*named["currency"], quoted(contract.currency)),
        source_code=_code(*named["source_code"], contract.code_system),
        relation=reader.relation,
    )


def _text(column: str, kind: str) -> str:
    name = identifier(column)
    if kind != "VARCHAR":
        return f"CAST({name} AS VARCHAR)"
    # Trimming is slow and hardly ever needed: only what begins or ends with a space is trimmed.
    loose = f"starts_with({name}, ' ') OR ends_with({name}, ' ')"
    return f"CASE WHEN {loose} THEN nullif(trim({name}), '') WHEN {name} != '' THEN {name} END"


def _present(column: str, kind: str) -> str:
    return f"{_text(column, kind) if kind == 'VARCHAR' else identifier(column)} IS NOT NULL"


def _date(column: str, kind: str, formats: tuple[str, ...], timezone: str) -> str:
    name = identifier(column)
    if kind == "TIMESTAMP WITH TIME ZONE":
        return _day_of_instant(name, timezone)
    if kind == "DATE" or kind.startswith("TIMESTAMP"):
        return f"TRY_CAST({name} AS DATE)"
    text = _text(column, kind)
    own = [_day_of_format(text, pattern, timezone) for pattern in formats]
    # The cast to DATE would overlook what follows the day; the cast to TIMESTAMP would overlook the zone.
    zoned = _day_of_instant(f"TRY_CAST({text} AS TIMESTAMPTZ)", timezone)
    local = f"TRY_CAST(TRY_CAST({text} AS TIMESTAMP) AS DATE)"
    iso = f"CASE WHEN regexp_full_match({text}, {_ZONED}) THEN {zoned} ELSE {local} END"
    return f"coalesce({', '.join([*own, iso])})"


def _day_of_format(text: str, pattern: str, timezone: str) -> str:
    parsed = f"try_strptime({text}, {quoted(pattern)})"
    return _day_of_instant(parsed, timezone) if "%z" in pattern else f"TRY_CAST({parsed} AS DATE)"


def _day_of_instant(instant: str, timezone: str) -> str:
    return f"TRY_CAST(timezone({quoted(timezone)}, {instant}) AS DATE)"


def _amount(column: str, kind: str, decimal: str, target: str) -> str:
    if kind.startswith(_NUMBERS):
        return f"TRY_CAST({identifier(column)} AS {target})"
    text = _text(column, kind)
    return f"TRY_CAST({_pointed(text) if decimal == ',' else text} AS {target})"


def _pointed(text: str) -> str:
    # A point may only group thousands here: 12.50 is a foreign number, not 1250.
    grouped = f"regexp_full_match({text}, '[+-]?[0-9]{{1,3}}([.][0-9]{{3}})+(,[0-9]*)?')"
    whole = f"replace(replace({text}, '.', ''), ',', '.')"
    return f"CASE WHEN {grouped} THEN {whole} WHEN NOT contains({text}, '.') THEN replace({text}, ',', '.') END"


def _currency(column: str, kind: str, expected: str) -> str:
    if not column:
        return expected
    # Nearly every row is in the expected currency already, and a comparison is cheaper than a new text.
    return f"CASE WHEN {identifier(column)} = {expected} THEN {expected} ELSE upper({_text(column, kind)}) END"


def _code(column: str, kind: str, code_system: str) -> str:
    text = _text(column, kind)
    # A spreadsheet or an integer column has dropped the leading zeros of a merchant category code.
    short = f"strlen({text}) < 4 AND regexp_full_match({text}, '[0-9]{{1,3}}')"  # lengths first: cheaper
    padded = f"CASE WHEN {short} THEN lpad({text}, 4, '0') ELSE {text} END"
    return padded if code_system.startswith("mcc") else text


def delivered_fields(reader: Reader, contract: "SourceFormat") -> str:
    """Return the SQL fields that keep a rejected row whole, every value as the text that a replay will read."""
    return f"struct_pack({', '.join(_delivered(name, kind, contract) for name, kind in reader.columns.items())})"


def _delivered(name: str, kind: str, contract: "SourceFormat") -> str:
    text = f"CAST({identifier(name)} AS VARCHAR)"
    pointed = contract.decimal == "," and kind.startswith(_NUMBERS)
    return f"{identifier(name)} := {f'replace({text}, {quoted(chr(46))}, {quoted(chr(44))})' if pointed else text}"


def claim_fields(contract: "SourceFormat") -> str:
    """Return the SQL struct that gives an accepted row back in the source's own columns, for the quarantine."""
    sign = "-" if contract.money_out == "negative" else ""
    amount = f"replace(CAST({sign}claims.amount AS VARCHAR), '.', {quoted(contract.decimal)})"
    values = {"customer_id": "claims.customer_id", "booked_at": "claims.booked_on", "amount": amount}
    fields = {
        column: f"{identifier(column)} := CAST({values.get(field, f'claims.{field}')} AS VARCHAR)"
        for field, column in contract.columns.items()
        if column
    }
    return f"struct_pack({', '.join(fields.values())})"


def unreadable(source: Source, contract: "SourceFormat", error: duckdb.Error) -> SourceError:
    """Return the one line for a source that DuckDB cannot read, without a password and without a value."""
    form = f" as {contract.encoding} CSV delimited by {contract.delimiter!r}" if source.kind == "csv" else ""
    return SourceError(f"{source.name} cannot be read{form}: {reason_of(error)}; nothing was loaded")
