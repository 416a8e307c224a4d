"""A lone engine: a DuckDB without a lake, for a unit of work on any machine, from listed files to new ones."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import duckdb

from warehouse.attachment import open_object_store
from warehouse.engines import engine_config
from warehouse.errors import MicrosegError
from warehouse.extensions import all_checked
from warehouse.privacy import keep_private
from warehouse.queries import identifier, query, quoted
from warehouse.settings import Settings
from warehouse.stored import digest_of

Columns = tuple[tuple[str, str], ...]


class Part(NamedTuple):
    """A data file of the lake, and the file that says which of its rows are deleted, where some are."""

    path: str
    deletions: str = ""


class Reading(NamedTuple):
    """A table as a unit reads it.

    Attributes:
        table: Schema and name.
        columns: Names and types.
        parts: The files that hold the rows that matter to the unit, perhaps among others.
        customers: Lowest and highest key of those whose rows it reads; None: of all.
    """

    table: str
    columns: Columns
    parts: tuple[Part, ...]
    customers: tuple[int, int] | None = None

    def of(self, customers: tuple[int, int]) -> "Reading":
        """Return it for the customers from one key to another."""
        return self._replace(customers=customers)


class Writing(NamedTuple):
    """A table that a unit writes to.

    Attributes:
        table: Schema and name.
        columns: Names and types.
        folder: Where the lake keeps the files of the table, in full, with a slash at the end.
        by: Column of whose values each has files of its own; empty: all rows are in one.
        partition: Folders below, named after columns and values as the lake names them: all rows have these values.
        months: Column of dates by whose years and months the lake has partitions; each month has files of its own.
    """

    table: str
    columns: Columns
    folder: str
    by: str = ""
    partition: str = ""
    months: str = ""


class NewFile(NamedTuple):
    """A file that was written and that no lake knows yet.

    Attributes:
        table: Schema and name of the table that it is for.
        path: In full.
        size: Bytes.
        rows: More than none.
        sha256: Of its bytes, as hexadecimal digits.
        is_partition: Whether the folders of its path stand for columns.
    """

    table: str
    path: str
    size: int
    rows: int
    sha256: str
    is_partition: bool = False


@contextmanager
def lone_engine(
    settings: Settings, reads: Sequence[Reading], writes: Sequence[Writing], files: Sequence[str] = ()
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a DuckDB in which the listed files are views, and the tables to write to are empty tables, named as there.

    The statements of the lake then do the same here. A view may take the place of a table to write to. What is spilled
    lies in a folder of its own for the length of the unit.

    Args:
        settings: Of this machine: bounds of memory and threads, and the object store.
        reads: Tables to read.
        writes: Tables to write to.
        files: Files to read as they are.

    Yields:
        The connection.
    """
    keep_private(settings)
    with TemporaryDirectory(prefix="microseg-", ignore_cleanup_errors=True) as spill:
        remote = any(_is_remote(place) for place in (*_places(reads, writes), *files))
        config = engine_config(settings) | {"temp_directory": spill, "preserve_insertion_order": True}
        config["allow_unsigned_extensions"] = all_checked(["httpfs"])
        with duckdb.connect(config=config) as connection:
            if remote:
                open_object_store(connection, settings)
            connection.execute("SET GLOBAL TimeZone = 'UTC'")
            tables = [reading.table for reading in reads] + [writing.table for writing in writes]
            for schema in sorted({table.split(".")[0] for table in tables}):
                connection.execute(f"CREATE SCHEMA {schema}")
            for reading in reads:
                connection.execute(f"CREATE VIEW {reading.table} AS {_select(reading)}")
            for writing in writes:
                columns = ", ".join(f"{identifier(name)} {kind}" for name, kind in writing.columns)
                connection.execute(f"CREATE TABLE {writing.table} ({columns})")
            yield connection


def write_out(connection: duckdb.DuckDBPyConnection, writing: Writing) -> list[NewFile]:
    """Write the rows of a table to files that nobody else will ever write, and read them back.

    The name is made here and not by who asked: the same unit may run twice, also at once. A table without rows, or a
    value of `Writing.by` without, gets none.

    Args:
        connection: Of a lone engine.
        writing: The table.

    Raises:
        MicrosegError: A file does not hold what was written: a store may keep half of one.
    """
    if writing.months:
        return [_write_month(connection, writing, month) for month in _months(connection, writing)]
    if not writing.by:
        return [_write(connection, writing, "true")] if _has_rows(connection, writing) else []
    values = connection.execute(f"SELECT DISTINCT {writing.by} FROM {writing.table} ORDER BY ALL").fetchall()
    return [_write(connection, writing, f"{writing.by} = {value}") for (value,) in values]


def new_number(connection: duckdb.DuckDBPyConnection) -> str:
    """Return a UUID that nobody else has, and that tells when it was made."""
    (number,) = connection.execute("SELECT uuidv7()::VARCHAR").fetchone() or ("",)
    return str(number)


def _months(connection: duckdb.DuckDBPyConnection, writing: Writing) -> list[date]:
    days = f"SELECT DISTINCT {writing.months} AS day FROM {writing.table}"  # first: a month of each row is dear
    selected = f"SELECT DISTINCT date_trunc('month', day)::DATE FROM ({days}) ORDER BY ALL"
    return [month for (month,) in connection.execute(selected).fetchall()]


def _write_month(connection: duckdb.DuckDBPyConnection, writing: Writing, month: date) -> NewFile:
    end = f"DATE '{month}' + INTERVAL 1 MONTH"
    rows = f"{writing.months} >= DATE '{month}' AND {writing.months} < {end}"
    return _write(connection, writing._replace(partition=f"year={month.year}/month={month.month}/"), rows)


def _has_rows(connection: duckdb.DuckDBPyConnection, writing: Writing) -> bool:
    return connection.execute(f"SELECT 1 FROM {writing.table} LIMIT 1").fetchone() is not None


def _write(connection: duckdb.DuckDBPyConnection, writing: Writing, condition: str) -> NewFile:
    folder = writing.folder + writing.partition
    if not _is_remote(folder):
        Path(folder).mkdir(parents=True, exist_ok=True)
    # As the lake names its own, so that whoever tidies up knows when it was made.
    path = f"{folder}ducklake-{new_number(connection)}.parquet"
    columns = ", ".join(f"{identifier(name)}::{kind} AS {identifier(name)}" for name, kind in writing.columns)
    named = {"columns": columns, "table": writing.table, "condition": condition, "path": quoted(path)}
    _, rows, size, *_ = connection.execute(query("units/copy_rows").format(**named)).fetchone() or (path, 0, 0)
    if connection.execute(query("units/select_written"), {"path": path}).fetchone() != (rows, size):
        raise MicrosegError(f"a file of {writing.table} does not hold what was written to it: run it again")
    return NewFile(writing.table, path, size, rows, digest_of(connection, path), bool(writing.partition))


def _select(reading: Reading) -> str:
    names = ", ".join(identifier(name) for name, _ in reading.columns)
    if not reading.parts:
        empty = ", ".join(f"NULL::{kind} AS {identifier(name)}" for name, kind in reading.columns)
        return f"SELECT {empty} WHERE false"
    keys = f" WHERE customer_key BETWEEN {reading.customers[0]} AND {reading.customers[1]}" if reading.customers else ""
    whole = [part.path for part in reading.parts if not part.deletions]
    selects = [f"SELECT {names} FROM read_parquet({_listed(whole)}, hive_partitioning = false)"] if whole else []
    for part in reading.parts:
        if part.deletions:
            rows = query("units/select_kept").format(path=quoted(part.path), deletions=quoted(part.deletions))
            selects.append(f"SELECT {names} FROM ({rows})")
    return f"SELECT * FROM ({' UNION ALL '.join(selects)}){keys}"


def _listed(paths: Sequence[str]) -> str:
    return f"[{', '.join(map(quoted, paths))}]"


def _places(reads: Sequence[Reading], writes: Sequence[Writing]) -> Iterator[str]:
    yield from (part.path for reading in reads for part in reading.parts)
    yield from (writing.folder for writing in writes)


def _is_remote(place: str) -> bool:
    return place.startswith("s3://")
