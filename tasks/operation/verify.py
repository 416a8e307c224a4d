"""Verify: whether the data files of the warehouse are as they were written."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

import duckdb

from tasks.operation.recency import read_by_run, read_by_sums
from tasks.operation.tables import Table
from tasks.units.checksums import Checksum, checksum, checksum_units
from tasks.units.progress import Progress, silent
from tasks.units.unit import Crew
from warehouse.connection import connect
from warehouse.errors import DamageError
from warehouse.settings import Settings
from warehouse.stored import DataFile, address, live_files, sizes

BACKUP = "restore this file from the backup"
REPAIR = "microseg verify --repair"
# What a source, a training or a person brought: no run makes it again as it was.
_GIVEN = ("raw.", "ref.", "models.", "ops.schema_versions")


class Problem(NamedTuple):
    """A file that is not as it was written, and how."""

    file: DataFile
    what: str

    @property
    def is_given(self) -> bool:
        """Whether nothing but a backup has it."""
        return self.file.table.startswith(_GIVEN)

    @property
    def remedy(self) -> str:
        """What restores it."""
        return BACKUP if self.is_given else REPAIR


class Report(NamedTuple):
    """What was looked at.

    Attributes:
        files: Files of the newest snapshot.
        size: Their bytes.
        compared: How many were compared with their checksum; of the others the size alone was looked at.
        problems: Those that are not as they were written.
    """

    files: int
    size: int
    compared: int
    problems: tuple[Problem, ...]

    @property
    def line(self) -> str:
        """The good news in one line."""
        told = f"{self.files:,} files, {self.size:,} bytes: all as written"
        if self.compared == self.files:
            return told
        return f"{told} (checksums of {self.compared:,}; of the others the size alone)"


def check_sizes(connection: duckdb.DuckDBPyConnection, settings: Settings) -> list[Problem]:
    """Return the files that are missing, or shorter or longer than they were written; none is opened."""
    files = live_files(connection)
    return wrong_sizes(files, sizes(connection, settings, files))


def verify(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    wanted: Callable[[DataFile], bool] = lambda _: True,
    progress: Progress = silent,
    crew: Crew | None = None,
) -> Report:
    """Compare the files of the newest snapshot with what they were when they were written.

    Args:
        connection: A warehouse connection.
        settings: Where the files lie.
        wanted: Whose content is compared; sizes are looked at of all files.
        progress: Called with files read and in total.
        crew: Reads the files; None: they are read here.
    """
    files = live_files(connection)
    problems = wrong_sizes(files, sizes(connection, settings, files))
    wrong, known = {problem.file.path for problem in problems}, sealed(connection)
    readable = [file for file in files if file.path in known and file.path not in wrong and wanted(file)]
    for file, read in _checksums(connection, settings, readable, progress, crew):
        if what := _other_content(read, known[file.path]):
            problems.append(Problem(file, what))
    return Report(len(files), sum(file.size for file in files), len(readable), _in_order(problems))


def _in_order(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Raw files first, since all else is made of them."""
    return tuple(sorted(problems, key=lambda one: (not one.is_given, one.file.table, one.file.path)))


def wrong_sizes(files: Sequence[DataFile], found: dict[str, int]) -> list[Problem]:
    """Return the files that are missing, or shorter or longer than they were written.

    Args:
        files: That are looked at.
        found: The bytes of those that are there, by path.
    """
    told = {file: _wrong_size(file.size, found.get(file.path)) for file in files}
    return [Problem(file, what) for file, what in told.items() if what]


def _wrong_size(written: int, found: int | None) -> str:
    if found is None:
        return "is missing"
    return "" if found == written else f"has {found:,} of its {written:,} bytes"


def _checksums(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    files: Sequence[DataFile],
    progress: Progress,
    crew: Crew | None,
) -> Iterator[tuple[DataFile, Checksum]]:
    if crew is None:
        for done, file in enumerate(files, start=1):
            yield file, checksum(connection, address(settings, file.path))
            progress(done, len(files), file.table)
    elif files:
        batches = list(checksum_units(settings, files))
        answers = crew([unit for _, unit in batches], progress)
        for batch, unit in batches:
            yield from zip(batch, answers[unit].figures, strict=True)


def _other_content(read: Checksum, written: str) -> str:
    if read.fault:
        return f"cannot be read ({read.fault})"
    return "" if read.sha256 == written else "has other content than was written"


def sealed(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return the checksums that were taken, by path; none in a warehouse of before."""
    try:
        rows = connection.execute("SELECT path, sha256 FROM ops.files").fetchall()
    except duckdb.CatalogException:
        return {}
    return dict(rows)


def refuse(problems: Sequence[Problem]) -> None:
    """Stop where a file is not as it was written.

    Raises:
        DamageError: In one line the table, the file and what restores it.
    """
    if problems:
        raise DamageError(told(problems))


def told(problems: Sequence[Problem]) -> str:
    """Return in one line what is wrong with the first file, and of how many more something is."""
    first = _in_order(problems)[0]
    others = len(problems) - 1
    more = f"; so {'is' if others == 1 else 'are'} {others} more (microseg verify lists them)" if others else ""
    return f"damaged: {first.file.table}, file {first.file.path} {first.what}; {first.remedy}{more}"


def check_files(settings: Settings, today: date | None = None, crew: Crew | None = None) -> Report:
    """Stop before anything is read that is not as it was written.

    Args:
        settings: Settings of the warehouse.
        today: Of business dates long before it the sizes alone are looked at; None: all files are read.
        crew: Reads the files; None: they are read here.

    Raises:
        DamageError: In one line, the table, the file and what restores it.
    """
    with connect(settings) as connection:
        wanted = read_by_run(connection, today) if today else lambda _: True
        report = verify(connection, settings, wanted, crew=crew)
    refuse(report.problems)
    return report


def check_stale_months(settings: Settings, crew: Crew | None = None) -> Report:
    """Stop before a month is summed again from rows that are not as they were written; a night leaves old ones aside.

    Args:
        settings: Settings of the warehouse.
        crew: Reads the files; None: they are read here.

    Raises:
        DamageError: In one line, the table, the file and what restores it.
    """
    with connect(settings) as connection:
        report = verify(connection, settings, read_by_sums(connection), crew=crew)
    refuse(report.problems)
    return report


def read_report(settings: Settings, quick: bool = False, progress: Progress = silent) -> Report:
    """Look at all files, for whoever wants to know; nothing is written.

    Args:
        settings: Settings of the warehouse.
        quick: Look at sizes alone.
        progress: Called with files read and in total.
    """
    with connect(settings, read_only=True) as connection:
        return verify(connection, settings, lambda _: not quick, progress)


def problems_table(problems: Sequence[Problem]) -> Table:
    """Return what is damaged as a table."""
    rows = ((problem.file.table, problem.file.path, problem.what, problem.remedy) for problem in problems)
    return Table("Damaged files", ("table", "file", "problem", "what restores it"), tuple(rows))
