"""SQL expressions that type what a source delivers into the contract's fields, and give it back as text.

What cannot be typed becomes null beside a flag that says it was there, so that the rules of ``sql/quality/`` are
plain predicates and no row is ever lost on the way to the quarantine.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from warehouse.queries import identifier, query, quoted

if TYPE_CHECKING:
    from warehouse.reference.sets import SourceFormat

_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
_NUMBERS = (*_INTEGERS, *("U" + name for name in _INTEGERS), "FLOAT", "DOUBLE", "DECIMAL")
_ZONED = "'.*[0-9]{2}:[0-9]{2}.*([Zz]| ?UTC|[+-][0-9:]+)'"
# No place on earth is further from UTC than 14 hours, and the engine would take 99 for an offset like any other.
_OFFSET = "'.*([Zz]| ?UTC|[+-](0[0-9]|1[0-3])(:?[0-5][0-9])?|[+-]14(:?00)?)'"
# Ids and codes are shorter by far; sql/quality/12_value_too_long.sql refuses what is longer.
LONGEST_VALUE = 1_000
# What of a value is kept with a rejected row; in a dictionary, a megabyte may stand for a terabyte.
_KEPT = 10_000


@dataclass(frozen=True)
class Reader:
    """How DuckDB reads a source.

    Attributes:
        relation: The FROM expression, which can be read twice; column ``microseg_row`` counts the rows from 1.
        columns: Name and DuckDB type of each delivered column.
        place: SQL for the place of a row's source among those that are read together.
    """

    relation: str
    columns: dict[str, str]
    place: str = "0"


def staging_statement(reader: Reader, contract: "SourceFormat", timezone: str, fault: str) -> str:
    """Return the statement that types one reader's rows into ``staged``, each beside its fault.

    Args:
        reader: Rows as they are delivered.
        contract: Columns and their form.
        timezone: IANA name of the zone that dates without one are of.
        fault: SQL of the reason for which a row is rejected; NULL where it is good.
    """
    kinds = {field: reader.columns.get(column, "") for field, column in contract.columns.items()}
    delivered = [_delivered_as(field, column, kinds[field]) for field, column in contract.columns.items() if column]
    has_currency = bool(contract.columns["currency"])
    return query("raw/insert_staged").format(
        transaction_id=_cut(_text("transaction_id", kinds["transaction_id"]), LONGEST_VALUE + 1),
        customer_id=_cut(_text("customer_id", kinds["customer_id"]), LONGEST_VALUE + 1),
        booked_on=_date("booked_at", kinds["booked_at"], contract.date_formats, timezone),
        number=_amount("amount", kinds["amount"], contract.decimal, "DOUBLE"),
        amount=_amount("amount", kinds["amount"], contract.decimal, "DECIMAL(18, 2)"),
        sign="-" if contract.money_out == "negative" else "",
        currency=_currency(kinds["currency"], quoted(contract.currency)) if has_currency else quoted(contract.currency),
        source_code=_cut(_code("source_code", kinds["source_code"], contract.code_system), LONGEST_VALUE + 1),
        delivered=",\n            ".join(delivered),
        relation=reader.relation,
        place=reader.place,
        fault=fault,
    )


def listing_statement(reader: Reader, contract: "SourceFormat") -> str:
    """Return the statement that lists the customers of one reader's rows, as `staging_statement` types them.

    Args:
        reader: Rows as they are delivered.
        contract: Columns and their form.
    """
    column = contract.columns["customer_id"]
    kind = reader.columns.get(column, "")
    return query("units/insert_listed").format(
        customer_id=_cut(_text("customer_id", kind), LONGEST_VALUE + 1),
        delivered=_delivered_as("customer_id", column, kind),
        relation=reader.relation,
    )


def _delivered_as(field: str, column: str, kind: str) -> str:
    """Return a column under the name of its field; a text without spaces around it, or null where nothing is left."""
    name = identifier(column)
    if kind != "VARCHAR":
        return f"{name} AS {field}"
    # Trimming is slow and hardly ever needed. No text before "!" is one: nothing, and what begins with a space.
    plain = f"{name} >= '!' AND NOT ends_with({name}, ' ')"
    return f"CASE WHEN {plain} THEN {name} ELSE nullif(trim({name}), '') END AS {field}"


def _text(field: str, kind: str) -> str:
    return field if kind == "VARCHAR" else f"CAST({field} AS VARCHAR)"


def _cut(text: str, longest: int) -> str:
    # Bytes first: counting characters is dear, and hardly ever needed.
    return f"CASE WHEN strlen({text}) > {longest} THEN left({text}, {longest}) ELSE {text} END"


def _date(field: str, kind: str, formats: tuple[str, ...], timezone: str) -> str:
    if kind == "TIMESTAMP WITH TIME ZONE":
        return _day_of_instant(field, timezone)
    if kind == "DATE" or kind.startswith("TIMESTAMP"):
        return f"TRY_CAST({field} AS DATE)"
    text = _text(field, kind)
    own = [_day_of_format(text, pattern, timezone) for pattern in formats]
    # The cast to DATE would overlook what follows the day; the cast to TIMESTAMP would overlook the zone.
    zoned = _day_of_instant(f"TRY_CAST({text} AS TIMESTAMPTZ)", timezone)
    local = f"TRY_CAST(TRY_CAST({text} AS TIMESTAMP) AS DATE)"
    iso = f"CASE WHEN NOT regexp_full_match({text}, {_ZONED}) THEN {local} WHEN {_has_offset(text)} THEN {zoned} END"
    return f"coalesce({', '.join([*own, iso])})"


def _day_of_format(text: str, pattern: str, timezone: str) -> str:
    parsed = f"try_strptime({text}, {quoted(pattern)})"
    if "%z" not in pattern:
        return f"TRY_CAST({parsed} AS DATE)"
    instant = f"CASE WHEN {_has_offset(text)} THEN {parsed} END" if pattern.endswith("%z") else parsed
    return _day_of_instant(instant, timezone)


def _has_offset(text: str) -> str:
    return f"regexp_full_match({text}, {_OFFSET})"


def _day_of_instant(instant: str, timezone: str) -> str:
    return f"TRY_CAST(timezone({quoted(timezone)}, {instant}) AS DATE)"


def _amount(field: str, kind: str, decimal: str, target: str) -> str:
    if kind.startswith(_NUMBERS):
        return f"TRY_CAST({field} AS {target})"
    text = _text(field, kind)
    return f"TRY_CAST({_pointed(text) if decimal == ',' else text} AS {target})"


def _pointed(text: str) -> str:
    # A point may only group thousands here: 12.50 is a foreign number, not 1250.
    grouped = f"regexp_full_match({text}, '[+-]?[0-9]{{1,3}}([.][0-9]{{3}})+(,[0-9]*)?')"
    whole = f"replace(replace({text}, '.', ''), ',', '.')"
    return f"CASE WHEN {grouped} THEN {whole} WHEN NOT contains({text}, '.') THEN replace({text}, ',', '.') END"


def _currency(kind: str, expected: str) -> str:
    # Nearly every row is in the expected currency already, and a comparison is cheaper than a new text.
    text = _text("currency", kind)
    return f"CASE WHEN {text} = {expected} THEN {expected} ELSE upper({_cut(text, LONGEST_VALUE)}) END"


def _code(field: str, kind: str, code_system: str) -> str:
    text = _text(field, kind)
    # A spreadsheet or an integer column has dropped the leading zeros of a merchant category code.
    short = f"strlen({text}) < 4 AND regexp_full_match({text}, '[0-9]{{1,3}}')"  # lengths first: cheaper
    padded = f"CASE WHEN {short} THEN lpad({text}, 4, '0') ELSE {text} END"
    return padded if code_system.startswith("mcc") else text


def delivered_fields(reader: Reader, contract: "SourceFormat") -> str:
    """Return the SQL fields that keep a rejected row whole, every value as the text that a replay will read."""
    return f"struct_pack({', '.join(_delivered(name, kind, contract) for name, kind in reader.columns.items())})"


def _delivered(name: str, kind: str, contract: "SourceFormat") -> str:
    text = _cut(f"CAST({identifier(name)} AS VARCHAR)", _KEPT)
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
