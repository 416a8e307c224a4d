"""The checks of a reference set's tables; each problem is one line that names file and line and says what is wrong."""

import math
import re
from collections.abc import Collection, Iterable
from typing import Final

from model.vocabulary import TRAITS
from warehouse.reference.files import CsvLine

KINDS: Final = ("spend", "fee", "income", "transfer", "other")
COUNTED: Final = ("spend", "fee")
RANKS: Final = ("highest-2", "lowest-2", "positive", "negative")
LIMIT: Final = 3.0
# Classes are columns of every array, and inputs of the network.
MOST_CLASSES: Final = 1_000
MOST_CODES: Final = 100_000
# ASCII only, and short: "²" is a digit to str.isdigit, and a range of nine digits would fill the memory.
_NUMBER: Final = re.compile(r"[0-9]{1,6}")


def check_classes(lines: list[CsvLine], problems: list[str]) -> set[str]:
    """Check that ids are dense from 0 and codes and labels unique; return the codes."""
    if len(lines) > MOST_CLASSES:
        problems.append(f"{lines[MOST_CLASSES].where}: more than {MOST_CLASSES:,} classes")
        return set()
    _check_unique(lines, "code", problems)
    _check_unique(lines, "label", problems)
    seen: dict[int, CsvLine] = {}
    for line in lines:
        text = line["class_id"]
        if not _NUMBER.fullmatch(text) or int(text) >= len(lines):
            problems.append(f"{line.where}: class_id {text!r} is not one of 0 to {len(lines) - 1}")
        elif (class_id := int(text)) in seen:
            problems.append(f"{line.where}: class_id {class_id} is already in line {seen[class_id].number}")
        else:
            seen[class_id] = line
    return {line["code"] for line in lines}


def _check_unique(lines: list[CsvLine], column: str, problems: list[str]) -> None:
    seen: dict[str, CsvLine] = {}
    for line in lines:
        value = line[column]
        if not value:
            problems.append(f"{line.where}: {column} is empty")
        elif value in seen:
            problems.append(f"{line.where}: {column} {value!r} is already in line {seen[value].number}")
        seen.setdefault(value, line)


def check_codes(lines: list[CsvLine], classes: Collection[str], problems: list[str]) -> None:
    """Check kinds, classes and that every code is mapped once."""
    owner: dict[str, CsvLine] = {}
    for line in lines:
        if len(owner) > MOST_CODES:
            problems.append(f"{line.where}: the codes before it are more than {MOST_CODES:,} already")
            break
        _check_kind(line, classes, problems)
        for code in _codes(line, problems):
            if code in owner:
                problems.append(f"{line.where}: code {code!r} is already mapped in line {owner[code].number}")
                break
            owner[code] = line


def _check_kind(line: CsvLine, classes: Collection[str], problems: list[str]) -> None:
    kind, class_code = line["kind"], line["class_code"]
    if kind not in KINDS:
        problems.append(f"{line.where}: kind {kind!r} is not one of {', '.join(KINDS)}")
    elif kind in COUNTED and not class_code:
        problems.append(f"{line.where}: kind {kind!r} counts as spending and needs a class")
    elif kind not in COUNTED and class_code:
        problems.append(f"{line.where}: kind {kind!r} does not count as spending and takes no class")
    if class_code and class_code not in classes:
        problems.append(f"{line.where}: class {class_code!r} is not in classes.csv")


def _codes(line: CsvLine, problems: list[str]) -> Iterable[str]:
    first, last = line["first_code"], line["last_code"]
    if not first:
        problems.append(f"{line.where}: first_code is empty")
    elif first == last:
        return (first,)
    elif _NUMBER.fullmatch(first) and _NUMBER.fullmatch(last) and len(first) == len(last) and first < last:
        return expand_range(first, last)
    else:
        problems.append(
            f"{line.where}: {first!r} to {last!r} is not a range: two numbers of equal length, at most 6 digits, "
            "smaller first"
        )
    return ()


def expand_range(first: str, last: str) -> list[str]:
    """Return each code from `first` to `last`, leading zeros kept; one code where both are equal, number or not."""
    return [first] if first == last else [f"{n:0{len(first)}d}" for n in range(int(first), int(last) + 1)]


def check_coefficients(lines: list[CsvLine], classes: Collection[str], problems: list[str]) -> None:
    """Check that each class is known and listed once and each number lies in -3 to 3."""
    _check_unique(lines, "class_code", problems)
    for line in lines:
        if line["class_code"] and line["class_code"] not in classes:
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


def check_constraints(
    constraints: list[CsvLine], coefficients: list[CsvLine], classes: Collection[str], problems: list[str]
) -> None:
    """Check what is attested of the coefficients: the two extreme categories of a trait, and signs.

    Args:
        constraints: A category may stand for several classes; they occupy the extreme together.
        coefficients: Checked before.
        classes: All classes; those without coefficients count as 0.
        problems: Takes a line for each fault.
    """
    zeros = {code: dict.fromkeys(TRAITS, 0.0) for code in classes}
    values = zeros | {line["class_code"]: {trait: float(line[trait]) for trait in TRAITS} for line in coefficients}
    for line in constraints:
        codes = line["class_codes"].split()
        if line["trait"] not in TRAITS:
            problems.append(f"{line.where}: trait {line['trait']!r} is not one of {', '.join(TRAITS)}")
        elif line["rank"] not in RANKS:
            problems.append(f"{line.where}: rank {line['rank']!r} is not one of {', '.join(RANKS)}")
        elif not codes:
            problems.append(f"{line.where}: class_codes is empty")
        elif unknown := [code for code in codes if code not in values]:
            problems.append(f"{line.where}: class {unknown[0]!r} is not in classes.csv")
        elif not _holds(line, constraints, values):
            problems.append(f"{line.where}: {line['category']} is not {line['rank']} for {line['trait']}")


def _holds(line: CsvLine, constraints: list[CsvLine], values: dict[str, dict[str, float]]) -> bool:
    trait, rank = line["trait"], line["rank"]
    # Of the lowest, the negative values are the highest: one comparison serves both ends.
    sign = 1.0 if rank in ("positive", "highest-2") else -1.0
    own = [sign * values[code][trait] for code in line["class_codes"].split()]
    if rank in ("positive", "negative"):
        return min(own) > 0
    peers = {
        code
        for other in constraints
        if (other["trait"], other["rank"]) == (trait, rank)
        for code in other["class_codes"].split()
    }
    return all(min(own) > sign * coefficients[trait] for code, coefficients in values.items() if code not in peers)
