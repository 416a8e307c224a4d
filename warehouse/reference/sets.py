"""Reference sets: all that is particular to one bank, as five small files in one directory, checked line by line."""

import os
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np

from model.vocabulary import TRAITS
from warehouse.errors import ReferenceSetError
from warehouse.reference.checks import (
    check_classes,
    check_codes,
    check_coefficients,
    check_constraints,
    expand_range,
)
from warehouse.reference.content import ReferenceContent, SourceCode, SpendingClass
from warehouse.reference.files import CsvLine, read_csv
from warehouse.reference.source import read_source

__all__ = [
    "TRAITS",
    "ReferenceContent",
    "ReferenceSet",
    "SourceCode",
    "SourceFormat",
    "SpendingClass",
    "load_reference",
]

SHIPPED: Final = Path(__file__).parent / "shipped"
TABLES: Final = ("classes.csv", "source_codes.csv", "coefficients.csv")
FILES: Final = ("source.toml", *TABLES)
_TOLD, _WIDEST = 50, 600


@dataclass(frozen=True)
class SourceFormat:
    """The contract with a source.

    Attributes:
        columns: Source column of each field: transaction_id, customer_id, booked_at, amount, currency, source_code;
            an empty currency means that the source delivers none.
        money_out: Sign of spending in the source, ``positive`` or ``negative``.
        decimal: Decimal sign of amounts that come as text.
        maximum: Absolute amount above which a row is absurd, units of currency.
        date_formats: strptime formats that are tried before ISO.
        earliest: Rows booked before are out of range.
        currency: The one currency that is accepted.
        code_system: ``mcc+bank``, ``mcc`` or ``category``.
        delimiter: Of CSV files.
        encoding: Of CSV files.
    """

    columns: dict[str, str] = field(hash=False)
    money_out: str
    decimal: str
    maximum: float
    date_formats: tuple[str, ...]
    earliest: date
    currency: str
    code_system: str
    delimiter: str
    encoding: str


@dataclass(frozen=True, eq=False)
class ReferenceSet(ReferenceContent):
    """A checked reference set: its content, and the contract with the source, which always comes from its folder.

    Attributes:
        title: For people.
        source: The contract.
    """

    title: str
    source: SourceFormat


def load_reference(name_or_path: str | Path) -> ReferenceSet:
    """Read and check a reference set.

    Args:
        name_or_path: Name of a shipped set (``bank``, ``complete_journey``) or a directory of one's own.

    Returns:
        The set, every check passed.

    Raises:
        ReferenceSetError: One line for each fault, with file and line.
    """
    folder = _folder(name_or_path)
    problems: list[str] = []
    settings = read_source(folder / "source.toml", problems)
    tables = _read_tables(folder, problems)
    if problems:
        raise ReferenceSetError("\n".join(_told(problems)))
    return _build(settings, tables)


def _told(problems: list[str]) -> list[str]:
    """Return the first faults, each as one line that fits on a screen."""
    more = [f"and {len(problems) - _TOLD:,} more faults"] if len(problems) > _TOLD else []
    return [
        "".join(c if c.isprintable() else repr(c)[1:-1] for c in line[:_WIDEST]) for line in problems[:_TOLD]
    ] + more


def shipped_names() -> list[str]:
    """Return the names of the sets that come with microseg."""
    return sorted(entry.name for entry in SHIPPED.iterdir() if entry.is_dir())


def _folder(name_or_path: str | Path) -> Path:
    shipped = shipped_names()
    # Only the bare name is the shipped set: ./bank is a folder of one's own.
    folder = SHIPPED / name_or_path if str(name_or_path) in shipped else Path(name_or_path)
    if not _is_folder(folder):
        names = ", ".join(shipped)
        raise ReferenceSetError(f"no reference set {str(name_or_path)[:200]!r}: name one of {names}, or a directory")
    return folder


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):  # a name that no system would take
        return False


def _read_tables(folder: Path, problems: list[str]) -> dict[str, list[CsvLine]]:
    names = (*TABLES, "constraints.csv") if os.path.lexists(folder / "constraints.csv") else TABLES
    faults: list[str] = []
    tables = {name: read_csv(folder / name, faults) for name in names}
    if not faults and not tables["classes.csv"]:
        faults.append(f"{folder / 'classes.csv'}: it lists no class")
    if not faults:
        classes = check_classes(tables["classes.csv"], faults)
        check_codes(tables["source_codes.csv"], classes, faults)
        check_coefficients(tables["coefficients.csv"], classes, faults)
    if not faults:
        check_constraints(tables.get("constraints.csv", []), tables["coefficients.csv"], classes, faults)
    problems.extend(faults)
    return tables


def _build(settings: dict[str, Any], tables: dict[str, list[CsvLine]]) -> ReferenceSet:
    rows = sorted(tables["classes.csv"], key=lambda line: int(line["class_id"]))
    classes = tuple(SpendingClass(int(r["class_id"]), r["code"], r["label"], r["group"]) for r in rows)
    ids = {row.code: row.class_id for row in classes}
    coefficients = np.zeros((len(classes), len(TRAITS)))
    origins = ["none"] * len(classes)
    for line in tables["coefficients.csv"]:
        class_id = ids[line["class_code"]]
        coefficients[class_id] = [float(line[trait]) for trait in TRAITS]
        origins[class_id] = line["source"]
    return ReferenceSet(
        name=settings["name"],
        title=settings["title"],
        primary_window=settings["primary_window"],
        source=_source_format(settings),
        classes=classes,
        codes=tuple(code for line in tables["source_codes.csv"] for code in _expand(line, ids)),
        coefficients=coefficients,
        coefficient_sources=tuple(origins),
    )


def _source_format(settings: dict[str, Any]) -> SourceFormat:
    return SourceFormat(
        columns=dict(settings["columns"]),
        money_out=settings["amount"]["money_out"],
        decimal=settings["amount"]["decimal"],
        maximum=float(settings["amount"]["maximum"]),
        date_formats=tuple(settings["date"]["formats"]),
        earliest=settings["date"]["earliest"],
        currency=settings["currency"]["expected"],
        code_system=settings["codes"]["system"],
        delimiter=settings["csv"]["delimiter"],
        encoding=settings["csv"]["encoding"],
    )


def _expand(line: CsvLine, ids: dict[str, int]) -> list[SourceCode]:
    class_id = ids[line["class_code"]] if line["class_code"] else None
    numbers = expand_range(line["first_code"], line["last_code"])
    return [SourceCode(number, class_id, line["kind"], line["label"]) for number in numbers]
