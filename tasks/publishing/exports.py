"""Publish: the features and segments of a date as Parquet, each file whole or not there; `latest` follows."""

import os
import shutil
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.connection import connect
from warehouse.queries import query
from warehouse.settings import Settings

DESCRIPTIONS = {
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
FILES = ("trajectories", "angles", "reasons", "segments")


def export(settings: Settings, as_of: date, window_name: str, model_version: str) -> Path:
    """Write `<home>/exports/as_of=YYYY-MM-DD/*.parquet` and let `latest` point to it.

    The directory is written under a temporary name and renamed, so that a reader sees all four files or none.
    `latest` never moves to an older date.

    Args:
        settings: `home` takes the exports.
        as_of: Business date.
        window_name: The primary window.
        model_version: Recorded in each file's metadata.

    Returns:
        The directory of the date.
    """
    root = settings.home.resolve() / "exports"
    target, partial = root / f"as_of={as_of}", root / f".as_of={as_of}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    which = {"as_of": as_of, "window_name": window_name}
    with connect(settings, read_only=True) as connection:
        for name in FILES:
            text = query(f"exports/{name}")
            parameters = which if "$window_name" in text else {"as_of": as_of}
            rows = connection.execute(text, parameters).to_arrow_table()
            pq.write_table(describe(rows, name, as_of, model_version), partial / f"{name}.parquet")
    _swap(partial, target)
    _point_latest(root, target)
    return target


def describe(rows: pa.Table, name: str, as_of: date, model_version: str) -> pa.Table:
    """Give every column its description and the table its date and model, as Parquet metadata."""
    fields = [field.with_metadata({"description": DESCRIPTIONS[field.name]}) for field in rows.schema]
    about = {"microseg.table": name, "microseg.as_of": str(as_of), "microseg.model_version": model_version}
    return rows.cast(pa.schema(fields, metadata=about))


def _swap(partial: Path, target: Path) -> None:
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        os.rename(target, old)
    os.rename(partial, target)
    shutil.rmtree(old, ignore_errors=True)


def _point_latest(root: Path, target: Path) -> None:
    latest, waiting = root / "latest", root / ".latest.partial"
    if latest.is_symlink() and os.readlink(latest) > target.name:
        return
    if latest.is_dir() and not latest.is_symlink():
        shutil.rmtree(latest)  # a home that was copied without its links
    waiting.unlink(missing_ok=True)
    waiting.symlink_to(target.name, target_is_directory=True)
    os.replace(waiting, latest)
