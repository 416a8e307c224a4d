"""Merging: rows that lie in many small files get one together, in a transaction that changes no row.

DuckLake's own merge and flush are not used: see docs/decisions/020-retention.md.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import NamedTuple

import duckdb

from tasks.operation.retention import read_retention
from tasks.operation.verify import refuse, verify
from tasks.units.progress import Progress, silent
from warehouse.attachment import METADATA
from warehouse.connection import connect, in_transaction
from warehouse.errors import MicrosegError
from warehouse.inlined import deletions_in_catalog, rows_in_catalog
from warehouse.queries import query
from warehouse.settings import Settings
from warehouse.stored import DataFile, live_files

# A reader opens so many files as fast as one; more are merged.
FEW = 4
# Half of what DuckLake puts into one file at most: a larger one gains nothing from others.
LARGE = 256 * 1024**2
# Rows that DuckLake keeps inside of the catalog, since each commit wrote few: a file holds them better.
INLINED = 200
# Months, periods, steps: written as a whole and read alone. The manifest of checksums stays inside of the catalog.
_APART = ("spend.monthly", "spend.periods", "ops.files")
# Tables that are merged month by month, with the column that tells the month and the order of the merged rows.
_BY_MONTH = {"raw.transactions": ("booked_on", "rowid"), "segments.by_date": ("as_of", "as_of, customer_key")}


class Part(NamedTuple):
    """Rows that may share a file.

    Attributes:
        table: Schema and name.
        span: Condition that they meet, as SQL.
        order: By which they are written, as SQL; `rowid`: as before.
    """

    table: str
    span: str = "true"
    order: str = "rowid"


def parts_to_merge(
    files: Iterable[DataFile],
    inlined: Mapping[str, int],
    partitioned: frozenset[str],
    settled: date | None,
    deleted: Mapping[int, int] | None = None,
) -> dict[Part, list[DataFile]]:
    """Return what lies in more files than it needs, with its files.

    Args:
        files: Data files and files of deletions of the newest snapshot.
        inlined: Rows inside of the catalog by table.
        partitioned: Tables whose rows are split by a column.
        settled: Dates before this one do not change any more; None: all may.
        deleted: Rows that are deleted inside of the catalog, by data file.
    """
    parts: dict[Part, list[DataFile]] = {}
    for file in _with_rows(files, deleted or {}):
        if part := _part_of(file, partitioned, settled):
            parts.setdefault(part, []).append(file)
    for table, rows in inlined.items():
        if rows > INLINED and table not in partitioned and not _is_apart(table):
            parts.setdefault(Part(table), [])
    return {
        part: held
        for part, held in parts.items()
        if _is_due(held, 0 if part.span != "true" else inlined.get(part.table, 0))
    }


def _with_rows(files: Iterable[DataFile], deleted: Mapping[int, int]) -> list[DataFile]:
    """Leave out what no longer holds a row: DuckLake keeps a file of which several commits deleted all rows."""
    every_file = list(files)
    left = Counter({file_id: -rows for file_id, rows in deleted.items()})
    for file in every_file:
        left[file.file_id] += file.rows_held - file.rows_deleted
    return [file for file in every_file if left[file.file_id] > 0]


def _is_due(files: list[DataFile], inlined: int) -> bool:
    has_deletions = len({file.file_id for file in files}) < len(files)
    return has_deletions or inlined > INLINED or sum(file.size < LARGE for file in files) > FEW


def _part_of(file: DataFile, partitioned: frozenset[str], settled: date | None) -> Part | None:
    if file.table in _BY_MONTH:
        return _month_of(file, settled)
    if file.table.startswith("features.") and file.table in partitioned:
        is_old = settled is not None and file.first is not None and file.first == file.last and file.first < settled
        return Part(file.table, f"as_of = DATE '{file.first}'") if is_old else None
    return None if file.table in partitioned or _is_apart(file.table) else Part(file.table)


def _month_of(file: DataFile, settled: date | None) -> Part | None:
    if file.first is None or file.last is None or file.first.replace(day=1) != file.last.replace(day=1):
        return None
    column, order = _BY_MONTH[file.table]
    month = file.first.replace(day=1)
    after = (month + timedelta(days=31)).replace(day=1)
    if file.table == "segments.by_date" and (settled is None or after > settled):
        return None  # a night or late rows may write its dates again, and would read the whole month to do so
    return Part(file.table, f"{column} >= DATE '{month}' AND {column} < DATE '{after}'", order)


def _is_apart(table: str) -> bool:
    return table in _APART or table.startswith(("candidates.", "traces."))


class Merged(NamedTuple):
    """What a merge did.

    Attributes:
        parts: Tables, months or dates that were merged.
        files: Files that they were in before.
    """

    parts: int = 0
    files: int = 0


def merge(settings: Settings, progress: Progress = silent) -> Merged:
    """Merge what lies in many small files, each part in a transaction of its own.

    Raises:
        DamageError: A file to be merged is not as it was written; the merge would hide that.
        MicrosegError: The rows were not the same afterwards; nothing is changed.
    """
    # One thread writes one file.
    with connect(settings.model_copy(update={"threads": 1})) as connection:
        due = _due(connection, settings)
        wanted = {file.path for files in due.values() for file in files}
        refuse(verify(connection, settings, lambda file: file.path in wanted).problems)
        for done, part in enumerate(due, start=1):
            in_transaction(connection, _rewriting(connection, part), settings.commit_attempts)
            progress(done, len(due))
    return Merged(len(due), len(wanted))


def _due(connection: duckdb.DuckDBPyConnection, settings: Settings) -> dict[Part, list[DataFile]]:
    text = query("maintain/select_partitioned").format(catalog=METADATA)
    partitioned = frozenset(row[0] for row in connection.execute(text).fetchall())
    settled = read_retention(connection, settings).settled
    files = live_files(connection)
    return parts_to_merge(
        files, rows_in_catalog(connection), partitioned, settled, deletions_in_catalog(connection, files)
    )


def _rewriting(connection: duckdb.DuckDBPyConnection, part: Part) -> Callable[[], None]:
    def rewrite() -> None:
        before = _digest(connection, part)
        for name in ("create_merging", "delete_merging", "insert_merging"):
            connection.execute(query(f"maintain/{name}").format(**part._asdict()))
        if _digest(connection, part) != before:
            raise MicrosegError(f"merging {part.table} would change its rows; nothing was changed: please report this")

    return rewrite


def _digest(connection: duckdb.DuckDBPyConnection, part: Part) -> tuple[object, ...]:
    text = query("maintain/select_digest").format(table=part.table, span=part.span)
    return connection.execute(text).fetchone() or ()
