"""What the Parquet files below the home hold, against what is released: a kill may fall between the two."""

import json
import os
import shutil
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from tasks.operation.liveness import killed, running
from tasks.operation.tables import Table
from warehouse.connection import connect
from warehouse.files import sha256_of
from warehouse.locks import held
from warehouse.queries import query
from warehouse.settings import Settings

MANIFEST = "release.json"
LATEST = "latest"
DATABASE = "published.duckdb"
PACKAGE = "datapackage.json"
FILES = ("trajectories", "angles", "reasons", "segments")
# What a release is known by; beside it the manifest tells size and checksum of each file.
_IDENTITY = ("as_of", "model_version", "released_at")
Release = dict[str, str]


class ExportProblem(NamedTuple):
    """What is wrong with the Parquet files of a date.

    Attributes:
        as_of: Business date.
        place: Folder or file, below the home.
        what: What is wrong with it.
    """

    as_of: str
    place: str
    what: str

    @property
    def remedy(self) -> str:
        """What writes them again."""
        return f"microseg backfill {self.as_of} {self.as_of} --every day --stages republish --for-real"


def export_folder(home: Path, as_of: object) -> Path:
    """Return where the Parquet files of a date lie."""
    return home / "exports" / f"as_of={as_of}"


def held_release(folder: Path) -> Release:
    """Return which release a folder holds, as its manifest says; empty when there is none that can be read."""
    manifest = _manifest(folder)
    return {name: str(manifest[name]) for name in _IDENTITY if name in manifest}


def manifest_of(folder: Path, release: Release) -> dict[str, Any]:
    """Return what the manifest of a folder says: the release, and size and checksum of each file that is there."""
    names = [*(f"{name}.parquet" for name in FILES), DATABASE, PACKAGE]
    files = {name: {"bytes": (folder / name).stat().st_size, "sha256": sha256_of(folder / name)} for name in names}
    return release | {"files": files}


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def point_latest(latest: Path, target: Path, waiting: Path) -> None:
    """Let a link lead to the folder of a date, unless it leads to that of a newer one already.

    Args:
        latest: The link; somebody who reads finds the old folder or the new one.
        target: Folder whose name is that of its date.
        waiting: Where the link is made before it takes its place; its folder is made when absent.
    """
    if latest.is_symlink() and latest.exists() and os.path.basename(os.readlink(latest)) > target.name:
        return
    if latest.is_dir() and not latest.is_symlink():
        shutil.rmtree(latest)  # a home that was copied without its links
    waiting.parent.mkdir(exist_ok=True)
    waiting.unlink(missing_ok=True)
    waiting.symlink_to(os.path.relpath(target, latest.parent), target_is_directory=True)
    os.replace(waiting, latest)


def read_export_problems(settings: Settings, quick: bool = False) -> list[ExportProblem]:
    """Return what is wrong with the exports; nothing while another run may be between a release and its files.

    Args:
        settings: `home` holds them.
        quick: Look at sizes alone.
    """
    home = settings.home.resolve()
    with connect(settings, read_only=True) as connection:
        working = set(running(connection))
        if working - set(killed(settings, working)):
            return []
        dates = [str(row[0]) for row in connection.execute(query("ops/select_exported")).fetchall()]
        stale = stale_exports(connection, settings)
    problems = [
        ExportProblem(dates[-1], LATEST, what) if day == LATEST else ExportProblem(day, f"exports/as_of={day}", what)
        for day, what in stale
    ]
    for day in sorted(set(dates) - {problem.as_of for problem in problems if problem.place != LATEST}):
        if (folder := export_folder(home, day)).is_dir():
            problems += [ExportProblem(day, str(path.relative_to(home)), what) for path, what in _faults(folder, quick)]
    return problems


def _faults(folder: Path, quick: bool) -> list[tuple[Path, str]]:
    """Return the files of a folder that are not as they were written; one of an earlier version has no checksums."""
    written = _manifest(folder).get("files") or {f"{name}.parquet": {} for name in FILES}
    files = {folder / name: told for name, told in written.items()}
    return [(path, what) for path, told in files.items() if (what := _fault(path, told, quick))]


def _fault(path: Path, told: dict[str, Any], quick: bool) -> str:
    try:
        size = path.stat().st_size
        if size != told.get("bytes", size):
            return f"has {size:,} of its {told['bytes']:,} bytes"
        same = quick or "sha256" not in told or sha256_of(path) == told["sha256"]
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    return "" if same else "has other content than was written"


def exports_table(problems: Iterable[ExportProblem]) -> Table:
    """Return what is wrong with the exports as a table."""
    rows = tuple((problem.place, problem.what, problem.remedy) for problem in problems)
    return Table("Exports that are not as they were released", ("where", "problem", "what writes them again"), rows)


def released(connection: duckdb.DuckDBPyConnection) -> list[Release]:
    """Return the releases whose files are to be had, by date: what each is known by."""
    rows = connection.execute(query("ops/select_exported")).fetchall()
    return [dict(zip(_IDENTITY, row, strict=True)) for row in rows]


def stale_exports(connection: duckdb.DuckDBPyConnection, settings: Settings) -> list[tuple[str, str]]:
    """Return the dates whose files are not those of the release, each with what is wrong.

    A bank may clear old folders away, and retention does; that of the newest date has to be there, and `latest` has to
    lead to it.

    Args:
        connection: A warehouse connection.
        settings: `home` holds the exports.
    """
    home = settings.home.resolve()
    releases = released(connection)
    if not releases:
        return []
    stale = [
        (release["as_of"], "its Parquet files are from an earlier release")
        for release in releases
        if (folder := export_folder(home, release["as_of"])).is_dir() and held_release(folder) != release
    ]
    newest = export_folder(home, releases[-1]["as_of"])
    if not newest.is_dir():
        stale.append((releases[-1]["as_of"], "its Parquet files are missing"))
    elif (home / LATEST).resolve() != newest.resolve():
        stale.append((LATEST, f"does not point to exports/{newest.name}"))
    return stale


def remove_exports(settings: Settings, dates: Iterable[date]) -> int:
    """Remove the Parquet files of dates whose features were let go of; `latest` never leads to one.

    Each folder leaves its place in one step, so that nobody finds half of it; the next run ends a killed removal.

    Args:
        settings: `home` holds the exports.
        dates: Business dates.

    Returns:
        Folders that were removed.
    """
    home = settings.home.resolve()
    folders = [folder for as_of in dates if (folder := export_folder(home, as_of)).is_dir()]
    if not folders:
        return 0
    with held(home / "exporting" / "lock"):
        for folder in folders:
            leaving = home / "exporting" / folder.name
            shutil.rmtree(leaving, ignore_errors=True)
            os.replace(folder, leaving)
            shutil.rmtree(leaving)
    return len(folders)
