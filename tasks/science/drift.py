"""Drift: today's distributions against those of the champion's training data, per run."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

import duckdb

from model.drift import Level, level, stability_index
from tasks.science.model_store import Model
from warehouse.queries import query

PARTS = ("coverage", "unclassified")
Distributions = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Drift:
    """One measure of a run."""

    measure: str
    value: float
    level: Level


def measure_drift(connection: duckdb.DuckDBPyConnection, model: Model, as_of: date, run_id: str) -> list[Drift]:
    """Compare a date with the champion's baseline and record it, inside a transaction.

    The first date that a model is applied to is the one it was trained on: its distributions become the baseline.

    Args:
        connection: Inside a transaction; features and segments of the date are written.
        model: The champion.
        as_of: Business date.
        run_id: Recorded with each measure.

    Returns:
        All measures, the worst first; all zero on the baseline's own date.
    """
    today = read_distributions(connection, as_of, model.window_name)
    baseline = read_baseline(connection, model.version)
    if not baseline:
        write_baseline(connection, model.version, today)
        baseline = today
    found = compare(baseline, today)
    connection.execute("DELETE FROM ops.drift WHERE run_id = $1 AND as_of = $2", [run_id, as_of])
    for each in found:
        line = [run_id, as_of, model.version, each.measure, each.value, each.level]
        connection.execute("INSERT INTO ops.drift VALUES ($1, $2, $3, $4, $5, $6, now())", line)
    return found


def compare(baseline: Distributions, today: Distributions) -> list[Drift]:
    """Return every measure's distance, the worst first."""
    found = []
    for measure in sorted(baseline.keys() | today.keys()):
        before, now = baseline.get(measure, {}), today.get(measure, {})
        moved = now.get("part", 0.0) - before.get("part", 0.0) if measure in PARTS else stability_index(before, now)
        found.append(Drift(measure, moved, level(measure, moved)))
    order = {"critical": 0, "warning": 1, "steady": 2}
    return sorted(found, key=lambda each: (order[each.level], -abs(each.value), each.measure))


def read_distributions(connection: duckdb.DuckDBPyConnection, as_of: date, window_name: str) -> Distributions:
    """Return the parts of every bin of every measure on one date."""
    which = {"as_of": as_of, "window_name": window_name}
    return _nested(connection.execute(query("ops/select_distributions"), which).fetchall())


def read_baseline(connection: duckdb.DuckDBPyConnection, version: str) -> Distributions:
    """Return a model's baseline; empty when it has none yet."""
    found = connection.execute("SELECT measure, bin, part FROM models.baselines WHERE model_version = $1", [version])
    return _nested(found.fetchall())


def write_baseline(connection: duckdb.DuckDBPyConnection, version: str, parts: Distributions) -> None:
    """Keep a model's baseline, inside a transaction."""
    rows = [(version, measure, name, part) for measure, bins in parts.items() for name, part in bins.items()]
    if rows:
        values = ", ".join("(?, ?, ?, ?)" for _ in rows)
        connection.execute(f"INSERT INTO models.baselines VALUES {values}", [cell for row in rows for cell in row])


def _nested(rows: list[tuple[str, str, float | None]]) -> Distributions:
    parts: Distributions = defaultdict(dict)
    for measure, name, part in rows:
        parts[measure][name] = part or 0.0
    return dict(parts)
