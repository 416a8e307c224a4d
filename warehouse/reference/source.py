"""Reads and checks source.toml, the contract with a source; each problem names file, line and key."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from reprlib import Repr
from typing import Any, Final

from warehouse.reference.files import read_text

FIELDS: Final = ("transaction_id", "customer_id", "booked_at", "amount", "currency", "source_code")
# A key of many thousand dots takes the parser minutes.
LARGEST_SOURCE: Final = 1 << 14
LARGEST_AMOUNT: Final = 1e16  # what raw.transactions holds
_TABLE: Final = re.compile(r"\s*\[\s*([\w-]+)\s*\]")
_KEY: Final = re.compile(r"\s*([\w-]+)\s*=")


@dataclass(frozen=True)
class Rule:
    """What the value of a key must be, in words and as a test."""

    wanted: str
    fits: Callable[[Any], bool]


def _one_of(*choices: str) -> Rule:
    return Rule("one of " + ", ".join(map(repr, choices)), lambda value: isinstance(value, str) and value in choices)


def _is_positive(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < LARGEST_AMOUNT


def _are_formats(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(form, str) and "%" in form and _parses(form) for form in value)


def _parses(pattern: str) -> bool:
    import duckdb  # reading a set stays light where nobody asks

    try:
        duckdb.execute("SELECT try_strptime('', $1)", [pattern]).fetchall()
    except (duckdb.Error, UnicodeEncodeError):
        return False
    return True


def _is_delimiter(value: object) -> bool:
    return isinstance(value, str) and len(value) == 1 and value not in '"\r\n\0'


_TEXT: Final = Rule("a text", lambda value: isinstance(value, str) and bool(value.strip()) and value.isprintable())
_MAYBE: Final = Rule("a text, empty where the source delivers none", lambda value: isinstance(value, str))
_CHARACTER: Final = Rule("one character, no quote and no line break", _is_delimiter)
_NUMBER: Final = Rule("a number above 0", _is_positive)
_FORMATS: Final = Rule("a list of strptime formats", _are_formats)
# A date and time is a date to isinstance, but not to what compares with it later.
_DATE: Final = Rule("a date such as 1990-01-01", lambda value: type(value) is date)

KEYS: Final[dict[str, dict[str, Rule]]] = {
    "": {"name": _TEXT, "title": _TEXT, "primary_window": _one_of("annual", "bimonthly")},
    "columns": {**dict.fromkeys(FIELDS, _TEXT), "currency": _MAYBE},
    "amount": {"money_out": _one_of("positive", "negative"), "decimal": _one_of(".", ","), "maximum": _NUMBER},
    "date": {"formats": _FORMATS, "earliest": _DATE},
    "currency": {"expected": _TEXT},
    "codes": {"system": _one_of("mcc+bank", "mcc", "category")},
    "csv": {"delimiter": _CHARACTER, "encoding": _one_of("utf-8", "latin-1", "utf-16")},
}
# A value in a message: neither long nor deep, whatever stands in the file.
_BRIEF: Final = Repr()
_BRIEF.maxstring = _BRIEF.maxother = _BRIEF.maxlong = 80
_TABLES: Final = tuple(name for name in KEYS if name)


def read_source(path: Path, problems: list[str]) -> dict[str, Any]:
    """Read source.toml and check the name and the value of each key.

    Args:
        path: The file.
        problems: Takes a line for each fault.

    Returns:
        The tables and values as TOML has them; to be used only where no problem was added.
    """
    text = read_text(path, problems, LARGEST_SOURCE)
    if text is None:
        return {}
    try:
        settings = tomllib.loads(text)
    except ValueError as error:  # not only of TOML's own kind: a number of 5,000 digits is one, too
        problems.append(f"{path}: not TOML: {error}")
        return {}
    except RecursionError:
        problems.append(f"{path}: not TOML of this kind: nested too deep")
        return {}
    lines = _key_lines(text)
    for table in KEYS:
        _check_table(path, table, settings, lines, problems)
    _check_once(path, settings.get("columns"), lines, problems)
    return settings


def _check_once(path: Path, columns: object, lines: dict[tuple[str, str], int], problems: list[str]) -> None:
    owner: dict[str, str] = {}
    for field, column in columns.items() if isinstance(columns, dict) else ():
        if isinstance(column, str) and column and owner.setdefault(column, field) != field:
            where = _where(path, lines, "columns", field)
            problems.append(f"{where}: columns.{field} is {column!r}, which is columns.{owner[column]} already")


def _check_table(
    path: Path, table: str, settings: dict[str, Any], lines: dict[tuple[str, str], int], problems: list[str]
) -> None:
    values = settings.get(table, {}) if table else settings
    if not isinstance(values, dict):
        problems.append(
            f"{_where(path, lines, '', table)}: {table} is {_BRIEF.repr(values)}, expected a table [{table}]"
        )
        return
    rules, prefix = KEYS[table], f"{table}." if table else ""
    for key, rule in rules.items():
        if key not in values:
            problems.append(f"{_where(path, lines, table, '')}: {prefix}{key} is missing, expected {rule.wanted}")
        elif not rule.fits(values[key]):
            where = _where(path, lines, table, key)
            problems.append(f"{where}: {prefix}{key} is {_BRIEF.repr(values[key])}, expected {rule.wanted}")
    known = (*rules, *_TABLES) if not table else tuple(rules)
    problems.extend(
        f"{_where(path, lines, table, key)}: unknown key {prefix}{key}; known are {', '.join(known)}"
        for key in values
        if key not in known
    )


def _where(path: Path, lines: dict[tuple[str, str], int], table: str, key: str) -> str:
    number = lines.get((table, key)) or lines.get((key, ""))
    return f"{path}:{number}" if number else str(path)


def _key_lines(text: str) -> dict[tuple[str, str], int]:
    """Return the line of each (table, key), and of each table's header as (table, ""): tomllib keeps none."""
    lines: dict[tuple[str, str], int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _TABLE.match(line):
            table = header[1]
            lines.setdefault((table, ""), number)
        elif key := _KEY.match(line):
            lines.setdefault((table, key[1]), number)
    return lines
