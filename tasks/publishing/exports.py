"""Exports: the features and segments of a released date as Parquet, all of one release; `latest` follows."""

import json
import os
import shutil
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from tasks.operation.exported import FILES, MANIFEST, export_folder, held_release, manifest_of
from tasks.operation.retention import gone_line, read_retention
from tasks.publishing.standing import unreleased_line
from warehouse.connection import connect
from warehouse.errors import MicrosegError
from warehouse.files import exchange, write_text
from warehouse.locks import held
from warehouse.queries import query
from warehouse.settings import Settings

DESCRIPTIONS = {
    "business_date": "date as of which the row holds, as in the name of its folder",
    "customer_key": "key of the customer in raw.customers",
    "step": "step of the window, 1 is the oldest, 6 the newest",
    "h1": "hidden state, -1 to 1",
    "h2": "hidden state, -1 to 1",
    "h3": "hidden state, -1 to 1",
    "output_o": "network's membership in openness, 0 to 1",
    "output_c": "network's membership in conscientiousness, 0 to 1",
    "output_e": "network's membership in extraversion, 0 to 1",
    "output_a": "network's membership in agreeableness, 0 to 1",
    "output_n": "network's membership in neuroticism, 0 to 1",
    "azimuth": "radians, -pi to pi, wraps",
    "polar": "radians, 0 to pi",
    "radius": "length of the newest state",
    "determined": "false: too close to the origin to have a direction",
    "rank": "1 is the largest contribution",
    "class_id": "class in ref.classes",
    "class_label": "class in words",
    "contribution": "logit points towards the dominant trait rather than the runner-up",
    "direction": "for or against the dominant trait",
    "segment": "order of traits at the published depth, or insufficient_data, undetermined, withheld, unassigned",
    "depth": "number of traits in segment, 0 for none",
    "segment_1": "segment at depth 1, null beyond the published depth",
    "segment_2": "segment at depth 2, null beyond the published depth",
    "segment_3": "segment at depth 3, null beyond the published depth",
    "segment_4": "segment at depth 4, null beyond the published depth",
    "margin": "radians to the nearest boundary of the segment, null at depth 0",
    "neighbour": "segment beyond that boundary, cut to what is published; null where nothing is",
    "window_name": "annual: six years; bimonthly: six times two months",
    "model_version": "model in models.versions",
}


def export(settings: Settings, as_of: date, window_name: str, anew: bool = False) -> Path:
    """Write `<home>/exports/as_of=YYYY-MM-DD/*.parquet` as released, and let `<home>/latest` point to the newest.

    The folder is written elsewhere and exchanged in one step, so that a reader sees all four files of one release.
    Processes take turns: the last one read the newest release, and what a killed one left is cleared away.
    `latest` never moves to an older date, and lies outside of `exports/`: a glob over it counts no row twice.

    Args:
        settings: `home` takes the exports.
        as_of: Business date; it is released.
        window_name: The primary window.
        anew: Write the folder again although it holds this very release.

    Returns:
        The folder of the date.
    """
    try:
        return _export(settings, as_of, window_name, anew)
    except (FileExistsError, NotADirectoryError) as error:
        place = error.filename2 or error.filename
        raise MicrosegError(f"{place} is a file where exports need a folder: move it away and run again") from None


def _export(settings: Settings, as_of: date, window_name: str, anew: bool) -> Path:
    home = settings.home.resolve()
    target, partial = export_folder(home, as_of), home / "exporting" / f"as_of={as_of}"
    with held(partial.parent / "lock"), connect(settings, read_only=True) as connection:
        release = _release_of(connection, settings, as_of)
        if anew or held_release(target) != release:
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(parents=True)
            _write_files(connection, partial, as_of, window_name, release)
            exchange(partial, target)
        _point_latest(home, target)
    return target


def _release_of(connection: duckdb.DuckDBPyConnection, settings: Settings, as_of: date) -> dict[str, str]:
    text = "SELECT model_version, released_at::VARCHAR FROM segments.releases WHERE as_of = $1"
    row = connection.execute(text, [as_of]).fetchone()
    if row is None:
        raise MicrosegError(unreleased_line(as_of))
    if as_of in read_retention(connection, settings).gone:
        raise MicrosegError(gone_line(as_of))
    return {"as_of": str(as_of), "model_version": str(row[0]), "released_at": str(row[1])}


def _write_files(
    connection: duckdb.DuckDBPyConnection, folder: Path, as_of: date, window_name: str, release: dict[str, str]
) -> None:
    window = {"as_of": as_of, "window_name": window_name}
    for name in FILES:
        text = query(f"exports/{name}")
        parameters = window if "$window_name" in text else {"as_of": as_of}
        rows = connection.execute(text, parameters).to_arrow_table()
        pq.write_table(describe(rows, name, as_of, release["model_version"]), folder / f"{name}.parquet")
    write_text(folder / MANIFEST, json.dumps(manifest_of(folder, release), sort_keys=True))


def describe(rows: pa.Table, name: str, as_of: date, model_version: str) -> pa.Table:
    """Give every column its description and the table its date and model, as Parquet metadata."""
    fields = [field.with_metadata({"description": DESCRIPTIONS[field.name]}) for field in rows.schema]
    about = {"microseg.table": name, "microseg.as_of": str(as_of), "microseg.model_version": model_version}
    return rows.cast(pa.schema(fields, metadata=about))


def _point_latest(home: Path, target: Path) -> None:
    latest, waiting = home / "latest", home / "exporting" / "latest"
    _remove(home / "exports" / "latest")  # where it was before
    if latest.is_symlink() and latest.exists() and os.path.basename(os.readlink(latest)) > target.name:
        return
    if latest.is_dir() and not latest.is_symlink():
        shutil.rmtree(latest)  # a home that was copied without its links
    waiting.parent.mkdir(exist_ok=True)
    waiting.unlink(missing_ok=True)
    waiting.symlink_to(Path("exports") / target.name, target_is_directory=True)
    os.replace(waiting, latest)


def _remove(path: Path) -> None:
    if path.is_symlink():
        path.unlink()
    elif path.is_dir():
        shutil.rmtree(path)
