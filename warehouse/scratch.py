"""Scratch: files that carry rows from one machine to the next for the length of one step; the lake never knows them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree

import duckdb

from warehouse.lone import NewFile, Part, Reading, Writing, new_number
from warehouse.queries import query, quoted
from warehouse.registered import columns_of
from warehouse.settings import Settings
from warehouse.sources.objects import remove_folder

# How their folders begin, below the data path. Not in one folder of all: pyarrow would leave an empty object there.
FOLDERS = "scratch-"


@dataclass(frozen=True)
class Scratch:
    """The scratch files of one step.

    They are named like the files of the lake, so that whoever tidies up behind a kill knows how old they are.

    Attributes:
        folder: Of this step alone, with a slash at the end.
        shared: Files that `share` wrote, by table and content.
    """

    folder: str
    shared: dict[tuple[object, ...], str] = field(default_factory=dict)

    def writing(self, connection: duckdb.DuckDBPyConnection, table: str) -> Writing:
        """Return a temporary table as units write to it: there it is ``scratch.<table>``."""
        return Writing(f"scratch.{table}", columns_of(connection, f"temp.{table}"), self.folder)

    def share(
        self, connection: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str], name: str = ""
    ) -> Reading:
        """Return a temporary table as units read it; its rows are written once, however often they are shared.

        Args:
            connection: That has the table.
            table: A temporary table.
            columns: What of it units need.
            name: What it is called there, below ``scratch``; empty: as here.
        """
        named = {"table": table, "columns": ", ".join(columns)}
        (rows, content) = connection.execute(query("units/select_content").format(**named)).fetchone() or (0, "")
        kinds = tuple(column for column in columns_of(connection, f"temp.{table}") if column[0] in columns)
        read_as = f"scratch.{name or table}"
        if not rows:
            return Reading(read_as, kinds, ())
        if (path := self.shared.get((table, rows, content))) is None:
            path = self.shared[table, rows, content] = self._write(connection, named)
        return Reading(read_as, kinds, (Part(path),))

    def _write(self, connection: duckdb.DuckDBPyConnection, named: dict[str, str]) -> str:
        if not self.folder.startswith("s3://"):
            Path(self.folder).mkdir(parents=True, exist_ok=True)
        path = f"{self.folder}ducklake-{new_number(connection)}.parquet"
        connection.execute(query("units/copy_table").format(**named, path=quoted(path)))
        return path


@contextmanager
def scratch(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Iterator[Scratch]:
    """Provide scratch files for one step, and remove them behind it; those of a killed one go with its leftovers.

    Args:
        connection: Any.
        settings: Where the data lies: the files are below.
    """
    folder = f"{settings.data_uri}{FOLDERS}{new_number(connection)}/"
    try:
        yield Scratch(folder)
    finally:
        with suppress(OSError):  # what is left of it, leftovers find
            if folder.startswith("s3://"):
                remove_folder(settings, folder)
            else:
                rmtree(folder)


def read_back(connection: duckdb.DuckDBPyConnection, table: str, files: Sequence[NewFile]) -> None:
    """Fill a temporary table with what units wrote to ``scratch.<table>``, each row once.

    Args:
        connection: That has the table.
        table: Its name.
        files: Of any tables.
    """
    if paths := [file.path for file in files if file.table == f"scratch.{table}"]:
        connection.execute(query("units/insert_file").format(table=table), {"paths": paths})
