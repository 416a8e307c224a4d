"""What the Parquet files below the home hold, against what is released: a kill may fall between the two."""

import json
import os
import shutil
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import duckdb

from warehouse.locks import held
from warehouse.queries import query
from warehouse.settings import Settings

MANIFEST = "release.json"
LATEST = "latest"


def export_folder(home: Path, as_of: object) -> Path:
    """Return where the Parquet files of a date lie."""
    return home / "exports" / f"as_of={as_of}"


def held_release(folder: Path) -> dict[str, str]:
    """Return which release a folder holds, as its manifest says; empty when there is none that can be read."""
    try:
        return dict(json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def stale_exports(connection: duckdb.DuckDBPyConnection, settings: Settings) -> list[tuple[str, str]]:
    """Return the dates whose files are not those of the release, each with what is wrong.

    A bank may clear old folders away, and retention does; that of the newest date has to be there, and `latest` has to
    lead to it.

    Args:
        connection: A warehouse connection.
        settings: `home` holds the exports.
    """
    home = settings.home.resolve()
    columns = ("as_of", "model_version", "released_at")
    releases = [
        dict(zip(columns, row, strict=True)) for row in connection.execute(query("ops/select_exported")).fetchall()
    ]
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
