"""The checks of a reference set; each problem is one line that names file and line and says what is wrong."""

import csv
import math
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, Final

TRAITS: Final = ("openness", "conscientiousness", "extraversion", "agreeableness", "neuroticism")
KINDS: Final = ("spend", "fee", "income", "transfer", "other")
COUNTED: Final = ("spend", "fee")
LIMIT: Final = 3.0
COLUMNS: Final = {
    "classes.csv": ("class_id", "code", "label", "group"),
    "source_codes.csv": ("first_code", "last_code", "class_code", "kind", "label"),
    "coefficients.csv": ("class_code", *TRAITS, "source"),
    "constraints.csv": ("trait", "category", "class_codes", "rank", "source"),
}
OPTIONAL: Final = ("inherits_from",)
FIELDS: Final = ("transaction_id", "customer_id", "booked_at", "amount", "currency", "source_code")
_TEXT: Final = "a text"
SOURCE_KEYS: Final[dict[str, dict[str, object]]] = {
    "": {"name": _TEXT, "title": _TEXT, "primary_window": ("annual", "bimonthly")},
    "columns": dict.fromkeys(FIELDS, _TEXT),
    "amount": {"money_out": ("positive", "negative"), "decimal": (".", ","), "maximum": "a number"},
    "date": {"formats": "a list", "earliest": "a date"},
    "currency": {"expected": _TEXT},
    "codes": {"system": ("mcc+bank", "mcc", "category")},
    "csv": {"delimiter": _TEXT, "encoding": ("utf-8", "latin-1", "utf-16")},
}
_TYPES: Final[dict[str, type | tuple[type, ...]]] = {
    _TEXT: str,
    "a number": (int, float),
    "a list": list,
    "a date": date,
}


class CsvLine(dict[str, str]):
    """A row of a CSV file that knows where it stands."""

    def __init__(self, values: dict[str, str], path: Path, number: int) -> None:
        """Keep the file and the line number beside the values."""
        super().__init__(values)
        self.where = f"{path}:{number}"
        self.number = number


def read_csv(path: Path, problems: list[str]) -> list[CsvLine]:
    """Read a CSV file with a header; lines that begin with # are comments.

    Args:
        path: The file.
        problems: Takes a line for each fault.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        problems.append(f"{path}: missing")
        return []
    except UnicodeDecodeError as error:
        problems.append(f"{path}: not UTF-8 ({error.reason} at byte {error.start})")
        return []
    kept = [(number, text) for number, text in enumerate(lines, start=1) if text.strip() and not text.startswith("#")]
    rows = list(csv.reader(text for _, text in kept))
    if not rows:
        problems.append(f"{path}: empty")
        return []
    header = [name.strip() for name in rows[0]]
    if not _header_fits(path, header, problems):
        return []
    numbered = zip((number for number, _ in kept[1:]), rows[1:], strict=False)
    return [line for number, row in numbered if (line := _line(path, number, header, row, problems))]


def _header_fits(path: Path, header: list[str], problems: list[str]) -> bool:
    expected = COLUMNS[path.name]
    missing = [name for name in expected if name not in header]
    unknown = [name for name in header if name not in expected and name not in OPTIONAL]
    if missing:
        problems.append(f"{path}: missing column {', '.join(missing)}")
    if unknown:
        problems.append(f"{path}: unknown column {', '.join(unknown)}; expected {', '.join(expected)}")
    return not missing and not unknown


def _line(path: Path, number: int, header: list[str], row: list[str], problems: list[str]) -> CsvLine | None:
    if len(row) != len(header):
        problems.append(f"{path}:{number}: {len(row)} fields instead of {len(header)}")
        return None
    return CsvLine({name: value.strip() for name, value in zip(header, row, strict=True)}, path, number)


def check_source(path: Path, settings: dict[str, Any], problems: list[str]) -> None:
    """Check the keys of source.toml and the kind or choice of each value."""
    for section, keys in SOURCE_KEYS.items():
        values = settings.get(section, {}) if section else settings
        prefix = f"{section}." if section else ""
        for key, allowed in keys.items():
            if key not in values:
                problems.append(f"{path}: {prefix}{key} is missing")
            elif not _fits(values[key], allowed):
                wanted = "one of " + ", ".join(map(repr, allowed)) if isinstance(allowed, tuple) else allowed
                problems.append(f"{path}: {prefix}{key} is {values[key]!r}, expected {wanted}")
        known = set(keys) | (set(SOURCE_KEYS) if not section else set())
        problems.extend(f"{path}: unknown key {prefix}{key}" for key in values if key not in known)


def _fits(value: object, allowed: object) -> bool:
    if isinstance(allowed, tuple):
        return value in allowed
    return isinstance(value, _TYPES[str(allowed)]) and not isinstance(value, bool)


def check_classes(lines: list[CsvLine], problems: list[str]) -> dict[str, int]:
    """Check that ids are dense from 0 and codes and labels unique; return the id of each code."""
    _check_unique(lines, "code", problems)
    _check_unique(lines, "label", problems)
    if not lines:
        problems.append("classes.csv: no class")
    seen: dict[int, CsvLine] = {}
    for line in lines:
        if not line["class_id"].isdigit() or int(line["class_id"]) >= len(lines):
            problems.append(f"{line.where}: class_id {line['class_id']!r} is not one of 0 to {len(lines) - 1}")
        elif (class_id := int(line["class_id"])) in seen:
            problems.append(f"{line.where}: class_id {class_id} stands already in line {seen[class_id].number}")
        else:
            seen[class_id] = line
    return {line["code"]: class_id for class_id, line in seen.items()}


def _check_unique(lines: list[CsvLine], column: str, problems: list[str]) -> None:
    seen: dict[str, CsvLine] = {}
    for line in lines:
        value = line[column]
        if not value:
            problems.append(f"{line.where}: {column} is empty")
        elif value in seen:
            problems.append(f"{line.where}: {column} {value!r} stands already in line {seen[value].number}")
        seen.setdefault(value, line)


def check_codes(lines: list[CsvLine], ids: dict[str, int], problems: list[str]) -> None:
    """Check kinds, classes and that every code is mapped once."""
    owner: dict[str, CsvLine] = {}
    for line in lines:
        if line["kind"] not in KINDS:
            problems.append(f"{line.where}: kind {line['kind']!r} is not one of {', '.join(KINDS)}")
        if line["class_code"] and line["class_code"] not in ids:
            problems.append(f"{line.where}: class {line['class_code']!r} is not in classes.csv")
        if not line["class_code"] and line["kind"] in COUNTED:
            problems.append(f"{line.where}: kind {line['kind']!r} counts as spending and needs a class")
        for code in _codes(line, problems):
            if code in owner:
                problems.append(f"{line.where}: code {code!r} is mapped already in line {owner[code].number}")
                break
            owner[code] = line


def _codes(line: CsvLine, problems: list[str]) -> Iterable[str]:
    first, last = line["first_code"], line["last_code"]
    if not first:
        problems.append(f"{line.where}: first_code is empty")
        return ()
    if first == last:
        return (first,)
    if not (first.isdigit() and last.isdigit() and len(first) == len(last) and first < last):
        problems.append(f"{line.where}: {first!r} to {last!r} is no range of numbers of equal length")
        return ()
    return (f"{number:0{len(first)}d}" for number in range(int(first), int(last) + 1))


def check_coefficients(lines: list[CsvLine], ids: dict[str, int], problems: list[str]) -> None:
    """Check that each class is known and listed once and each number lies in -3 to 3."""
    _check_unique(lines, "class_code", problems)
    for line in lines:
        if line["class_code"] not in ids:
            problems.append(f"{line.where}: class {line['class_code']!r} is not in classes.csv")
        problems.extend(
            f"{line.where}: {trait} is {line[trait]!r}, expected a number from -3 to 3"
            for trait in TRAITS
            if not _is_coefficient(line[trait])
        )


def _is_coefficient(text: str) -> bool:
    try:
        value = float(text)
    except ValueError:
        return False
    return math.isfinite(value) and abs(value) <= LIMIT


def check_constraints(constraints: list[CsvLine], coefficients: list[CsvLine], problems: list[str]) -> None:
    """Check what is attested of the coefficients: the two extreme categories of a trait, and signs."""
    values = {line["class_code"]: line for line in coefficients}
    for line in constraints:
        codes = line["class_codes"].split()
        if unknown := [code for code in codes if code not in values]:
            problems.append(f"{line.where}: class {unknown[0]!r} carries no coefficient")
        elif line["trait"] not in TRAITS:
            problems.append(f"{line.where}: trait {line['trait']!r} is not one of {', '.join(TRAITS)}")
        elif not all(_holds(line, constraints, values, code) for code in codes):
            problems.append(f"{line.where}: {line['category']} is not {line['rank']} for {line['trait']}")


def _holds(line: CsvLine, constraints: list[CsvLine], values: dict[str, CsvLine], code: str) -> bool:
    trait, rank = line["trait"], line["rank"]
    value = float(values[code][trait])
    if rank in ("positive", "negative"):
        return value > 0 if rank == "positive" else value < 0
    peers = {
        c
        for other in constraints
        if (other["trait"], other["rank"]) == (trait, rank)
        for c in other["class_codes"].split()
    }
    others = [float(each[trait]) for name, each in values.items() if name not in peers]
    return all(value > other for other in others) if rank == "highest-2" else all(value < other for other in others)
