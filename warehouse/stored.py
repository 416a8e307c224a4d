"""The data files of the warehouse: what the catalog says is there, and what is there."""

import re
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import duckdb

from warehouse.attachment import METADATA
from warehouse.files import sha256_of
from warehouse.queries import query
from warehouse.settings import Settings

# DuckLake's own names; the moment of the writing is in them. What is called otherwise is somebody else's.
_OWN_NAME = re.compile(r"ducklake-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:-delete)?\.parquet")
_WITH_TIME = 7  # the version of UUIDs that begin with the milliseconds since 1970


class DataFile(NamedTuple):
    """A file of the newest snapshot.

    Attributes:
        file_id: The data file; of a file of deletions that whose rows it deletes.
        table_id: As the catalog numbers the tables.
        table: Schema and name.
        path: Below the data path, or whole.
        size: Bytes, as they were written.
        first: Earliest date of its rows (as_of, month or booked_on); None where the table has no such column.
        last: Latest of them.
        first_id: Lowest id of the periods, scores or states of its rows; None where the table has no such column.
        last_id: Highest of them; a file of spend.periods, traces.scores or traces.states holds one.
        rows_held: Rows that were written to it; 0 of a file of deletions.
        rows_deleted: Rows of the data file that a file of deletions takes out; 0 of a data file.
    """

    file_id: int
    table_id: int
    table: str
    path: str
    size: int
    first: date | None
    last: date | None
    first_id: int | None = None
    last_id: int | None = None
    rows_held: int = 0
    rows_deleted: int = 0

    def overlaps(self, start: date, end: date) -> bool:
        """Tell whether it may hold rows of the days from start to before end."""
        return (self.first is None or self.first < end) and (self.last is None or self.last >= start)

    def has_any(self, ids: Collection[int]) -> bool:
        """Tell whether it may hold rows of some of these ids."""
        if self.first_id is None or self.last_id is None:
            return True
        return any(self.first_id <= number <= self.last_id for number in ids)


def live_files(connection: duckdb.DuckDBPyConnection) -> list[DataFile]:
    """Return the files that the newest snapshot is made of, by table; rows inside the catalog have none."""
    rows = connection.execute(query("files/select_live").format(catalog=METADATA)).fetchall()
    return [DataFile(*row) for row in rows]


def made_at(name: str) -> datetime | None:
    """Return when a file was begun that a lake, or a unit for it, has named; None: it is somebody else's.

    >>> made_at("ducklake-019b1d3d-9100-7000-8000-000000000000.parquet").isoformat()
    '2025-12-14T14:22:12.736000+00:00'
    >>> made_at("rows.parquet")
    """
    match = _OWN_NAME.fullmatch(name)
    number = UUID(match[1]) if match else None
    if number is None or number.version != _WITH_TIME:
        return None
    try:
        return datetime.fromtimestamp((number.int >> 80) / 1000, UTC)
    except (ValueError, OverflowError):
        return None  # of the year 10,000: no clock gave that


def known_names(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Return the names of all files that the lake knows, of every snapshot and those that wait to be deleted."""
    return frozenset(str(name) for (name,) in connection.execute(query("ops/select_data_files")).fetchall())


def address(settings: Settings, path: str) -> str:
    """Return where a file lies, in full."""
    return path if path.startswith(("/", "s3://")) else settings.data_uri + path


def sizes(connection: duckdb.DuckDBPyConnection, settings: Settings, files: Sequence[DataFile]) -> dict[str, int]:
    """Return the bytes of each file by its path; one that is not there, or not a file, is left out."""
    if settings.data_uri.startswith("s3://"):
        return _sizes_in_store(connection, settings, files)
    places = {file.path: Path(address(settings, file.path)) for file in files}
    return {path: place.stat().st_size for path, place in places.items() if place.is_file()}


def digest(connection: duckdb.DuckDBPyConnection, settings: Settings, path: str) -> str:
    """Return the SHA-256 of a file as hexadecimal digits.

    Raises:
        OSError: It cannot be read.
        duckdb.Error: The object store does not give it.
    """
    return digest_of(connection, address(settings, path))


def digest_of(connection: duckdb.DuckDBPyConnection, place: str) -> str:
    """Return the SHA-256 of a file, whose address is given in full, as hexadecimal digits.

    Raises:
        OSError: It cannot be read.
        duckdb.Error: The object store does not give it.
    """
    if not place.startswith("s3://"):
        return sha256_of(Path(place))
    row = connection.execute("SELECT sha256(content) FROM read_blob($1)", [place]).fetchone()
    return str(row[0]) if row else ""


def _sizes_in_store(
    connection: duckdb.DuckDBPyConnection, settings: Settings, files: Sequence[DataFile]
) -> dict[str, int]:
    there = {row[0] for row in connection.execute("FROM glob($1)", [f"{settings.data_uri}**"]).fetchall()}
    wanted = {address(settings, file.path): file.path for file in files}
    if not (places := sorted(there & wanted.keys())):
        return {}
    rows = connection.execute("SELECT filename, size FROM read_blob($1)", [places]).fetchall()
    return {wanted[place]: int(size) for place, size in rows}
