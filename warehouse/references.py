"""Reference sets: all that is particular to one bank, as five small files in one directory, checked line by line."""

import hashlib
import tomllib
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from warehouse.errors import ReferenceSetError
from warehouse.reference_checks import (
    TRAITS,
    CsvLine,
    check_classes,
    check_codes,
    check_coefficients,
    check_constraints,
    check_source,
    read_csv,
)

__all__ = ["TRAITS", "ReferenceSet", "SourceCode", "SourceFormat", "SpendingClass", "load_reference"]

SHIPPED: Final = Path(__file__).parent / "reference"
FILES: Final = ("source.toml", "classes.csv", "source_codes.csv", "coefficients.csv")


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

    columns: dict[str, str]
    money_out: str
    decimal: str
    maximum: float
    date_formats: tuple[str, ...]
    earliest: date
    currency: str
    code_system: str
    delimiter: str
    encoding: str


@dataclass(frozen=True)
class SpendingClass:
    """One class of spending; `class_id` is its column in every array."""

    class_id: int
    code: str
    label: str
    group: str


@dataclass(frozen=True)
class SourceCode:
    """One code of the source.

    Attributes:
        source_code: As the source writes it.
        class_id: Its class; None where the kind does not count as spending.
        kind: ``spend`` and ``fee`` count as spending; ``income``, ``transfer`` and ``other`` are kept, not counted.
        label: In words.
    """

    source_code: str
    class_id: int | None
    kind: str
    label: str


@dataclass(frozen=True, eq=False)
class ReferenceSet:
    """A checked reference set.

    Attributes:
        name: Recorded in the warehouse; a warehouse holds one set.
        title: For people.
        primary_window: Window that the network is trained on, ``annual`` or ``bimonthly``.
        source: The contract.
        classes: C classes, ids 0 to C - 1.
        codes: Single codes, ranges expanded.
        coefficients: Traits' coefficients per class, (C, 5), openness to neuroticism; zeros where none are given.
        coefficient_sources: Where each class's coefficients come from, C texts.
        content_hash: SHA-256 over the files: the version of the set.
    """

    name: str
    title: str
    primary_window: str
    source: SourceFormat
    classes: tuple[SpendingClass, ...]
    codes: tuple[SourceCode, ...]
    coefficients: NDArray[np.float64] = field(repr=False)
    coefficient_sources: tuple[str, ...] = field(repr=False)
    content_hash: str


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
    settings = _read_toml(folder / "source.toml", problems)
    tables = {name: read_csv(folder / name, problems) for name in FILES[1:]}
    constraints = read_csv(folder / "constraints.csv", problems) if (folder / "constraints.csv").exists() else []
    if not problems:
        check_source(folder / "source.toml", settings, problems)
        ids = check_classes(tables["classes.csv"], problems)
        check_codes(tables["source_codes.csv"], ids, problems)
        check_coefficients(tables["coefficients.csv"], ids, problems)
    if not problems:
        check_constraints(constraints, tables["coefficients.csv"], problems)
    if problems:
        raise ReferenceSetError("\n".join(problems))
    return _build(folder, settings, tables)


def _folder(name_or_path: str | Path) -> Path:
    shipped = SHIPPED / str(name_or_path)
    folder = shipped if shipped.is_dir() else Path(name_or_path)
    if not folder.is_dir():
        names = ", ".join(sorted(entry.name for entry in SHIPPED.iterdir() if entry.is_dir()))
        raise ReferenceSetError(f"no reference set {str(name_or_path)!r}: name one of {names}, or a directory")
    return folder


def _read_toml(path: Path, problems: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        problems.append(f"{path}: missing")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(f"{path}: {error}")
    return {}


def _build(folder: Path, settings: dict[str, Any], tables: dict[str, list[CsvLine]]) -> ReferenceSet:
    rows = sorted(tables["classes.csv"], key=lambda line: int(line["class_id"]))
    classes = tuple(SpendingClass(int(r["class_id"]), r["code"], r["label"], r["group"]) for r in rows)
    ids = {each.code: each.class_id for each in classes}
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
        content_hash=_content_hash(folder),
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
    first, last = line["first_code"], line["last_code"]
    numbers = [first] if first == last else [f"{n:0{len(first)}d}" for n in range(int(first), int(last) + 1)]
    class_id = ids[line["class_code"]] if line["class_code"] else None
    return [SourceCode(number, class_id, line["kind"], line["label"]) for number in numbers]


def _content_hash(folder: Path) -> str:
    digest = hashlib.sha256()
    for name in FILES:
        # Line ends are git's business, not a new version of the set.
        digest.update(name.encode() + b"\0" + (folder / name).read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()
