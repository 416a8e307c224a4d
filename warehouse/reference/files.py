"""Reads the CSV files of a reference set into lines that know where they stand."""

import csv
import stat
from pathlib import Path
from typing import Final

from model.vocabulary import TRAITS

COLUMNS: Final = {
    "classes.csv": ("class_id", "code", "label", "group"),
    "source_codes.csv": ("first_code", "last_code", "class_code", "kind", "label"),
    "coefficients.csv": ("class_code", *TRAITS, "source"),
    "constraints.csv": ("trait", "category", "class_codes", "rank", "source"),
}
OPTIONAL: Final = {"coefficients.csv": ("inherits_from",)}
# Some 100,000 lines: more codes than any source has.
LARGEST: Final = 8 * 1024**2


class CsvLine(dict[str, str]):
    """A row of a CSV file that knows where it stands."""

    def __init__(self, values: dict[str, str], path: Path, number: int) -> None:
        """Keep the file and the line number beside the values."""
        super().__init__(values)
        self.where = f"{path}:{number}"
        self.number = number


def read_text(path: Path, problems: list[str], largest: int = LARGEST) -> str | None:
    """Read a file as UTF-8, with or without a byte order mark.

    Args:
        path: The file.
        problems: Takes a line where the file cannot be read; the result is then None.
        largest: Bytes that it may have.
    """
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode) and not stat.S_ISDIR(found.st_mode):  # to read one would never end
            problems.append(f"{path}: not a file but a pipe or a device")
            return None
        if found.st_size > largest:
            problems.append(f"{path}: {found.st_size:,} bytes, more than {largest:,}")
            return None
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        problems.append(f"{path}: missing")
    except UnicodeDecodeError as error:
        problems.append(f"{path}: not UTF-8 ({error.reason} at byte {error.start})")
    except OSError as error:
        problems.append(f"{path}: cannot be read ({error.strerror})")
    return None


def read_csv(path: Path, problems: list[str]) -> list[CsvLine]:
    """Read a CSV file with a header, one record a line; lines that begin with # are comments.

    Args:
        path: The file; its name says which columns it has.
        problems: Takes a line for each fault.

    Returns:
        The records that could be read.
    """
    text = read_text(path, problems)
    if text is None:
        return []
    rows = []
    for number, record in enumerate(text.split("\n"), start=1):
        if record.strip() and not record.startswith("#"):
            try:
                # Line by line: a quote left open is a fault of its line, not of the rest of the file.
                rows.append((number, next(csv.reader([record], strict=True))))
            except csv.Error as error:
                problems.append(f"{path}:{number}: not CSV ({error})")
    if not rows:
        problems.append(f"{path}: empty")
        return []
    header = [name.strip() for name in rows[0][1]]
    if not _header_fits(path, rows[0][0], header, problems):
        return []
    return [line for number, row in rows[1:] if (line := _line(path, number, header, row, problems)) is not None]


def _header_fits(path: Path, number: int, header: list[str], problems: list[str]) -> bool:
    expected = COLUMNS[path.name]
    allowed = {*expected, *OPTIONAL.get(path.name, ())}
    faults = {
        "missing": [name for name in expected if name not in header],
        "unknown": [name for name in header if name not in allowed],
        "repeated": sorted({name for name in header if name in allowed and header.count(name) > 1}),
    }
    problems.extend(
        f"{path}:{number}: {fault} column {', '.join(names)}; expected {', '.join(expected)}"
        for fault, names in faults.items()
        if names
    )
    return not any(faults.values())


def _line(path: Path, number: int, header: list[str], row: list[str], problems: list[str]) -> CsvLine | None:
    if len(row) != len(header):
        problems.append(f"{path}:{number}: {len(row)} fields instead of {len(header)}")
        return None
    return CsvLine({name: value.strip() for name, value in zip(header, row, strict=True)}, path, number)
