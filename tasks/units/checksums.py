"""Checksums by units: files read where they lie, few large or many small ones at a time."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import duckdb

from tasks.units.chunks import chunks
from tasks.units.unit import Unit
from warehouse.settings import Settings
from warehouse.stored import DataFile, address, digest_of

BYTES_AT_ONCE = 2**28


class Checksum(NamedTuple):
    """The SHA-256 of a file as hexadecimal digits, or the kind of error that it cannot be read for."""

    sha256: str
    fault: str = ""


def checksum(connection: duckdb.DuckDBPyConnection, place: str) -> Checksum:
    """Read a file.

    Args:
        connection: Any DuckDB that can open the place.
        place: In full.
    """
    try:
        return Checksum(digest_of(connection, place))
    except (OSError, duckdb.IOException, duckdb.HTTPException) as error:
        return Checksum("", type(error).__name__)


def checksums(connection: duckdb.DuckDBPyConnection, *places: str) -> tuple[Checksum, ...]:
    """Read some files, as a unit."""
    return tuple(checksum(connection, place) for place in places)


def checksum_units(settings: Settings, files: Sequence[DataFile]) -> Iterator[tuple[list[DataFile], Unit]]:
    """Return units that read files, each with the files that it reads.

    Args:
        settings: Where the data lies.
        files: Of the lake.
    """
    for batch in chunks(files, lambda file: file.size, BYTES_AT_ONCE):
        yield batch, _unit(settings, batch)


def _unit(settings: Settings, files: Sequence[DataFile]) -> Unit:
    places = tuple(address(settings, file.path) for file in files)
    return Unit(checksums, places, (), (), files=places)
