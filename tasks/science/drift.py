"""Drift: a date's distributions against those of the customers that the champion was trained on."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np

from model.drift import Level, level, merged_bins, stability_index
from model.personality import coverage
from model.types import FloatArray
from model.vocabulary import LETTERS
from tasks.science.candidates import read_candidate
from tasks.science.panel import Panel
from tasks.science.scope import open_scope
from warehouse.errors import ModelError
from warehouse.queries import query
from warehouse.settings import Settings

PARTS = ("coverage", "unclassified")
OF_CUSTOMERS = ("membership_", "segment_sizes")
BINS = 10
HIGHEST = 0.999
Distributions = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Drift:
    """One measure of a run."""

    measure: str
    value: float
    level: Level


def measure_drift(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    version: str,
    window_name: str,
    as_of: date,
    run_id: str,
) -> list[Drift]:
    """Compare a date with the baseline of a model and record it, inside a transaction.

    Args:
        connection: Inside a transaction; the date is built or released.
        settings: `min_active_steps`: only customers who could be trained on are compared.
        version: The model that is applied.
        window_name: Its window.
        as_of: Business date.
        run_id: Recorded with each measure.

    Returns:
        All measures, the worst first.

    Raises:
        ModelError: The model has no baseline.
    """
    today = read_distributions(connection, settings, as_of, window_name)
    measured = compare(read_baseline(connection, version), today)
    connection.execute("DELETE FROM ops.drift WHERE run_id = $1 AND as_of = $2", [run_id, as_of])
    for drift in measured:
        line = {"run_id": run_id, "as_of": as_of, "model_version": version}
        connection.execute(query("ops/insert_drift"), line | vars(drift))
    return measured


def compare(baseline: Distributions, today: Distributions) -> list[Drift]:
    """Return every measure's distance, the worst first."""
    measured = []
    for measure in sorted(baseline.keys() | today.keys()):
        before, now = baseline.get(measure, {}), today.get(measure, {})
        moved = now.get("part", 0.0) - before.get("part", 0.0) if measure in PARTS else stability_index(before, now)
        measured.append(Drift(measure, moved, level(measure, moved)))
    order = {"critical": 0, "warning": 1, "steady": 2}
    return sorted(measured, key=lambda drift: (order[drift.level], -abs(drift.value), drift.measure))


def read_distributions(
    connection: duckdb.DuckDBPyConnection, settings: Settings, as_of: date, window_name: str
) -> Distributions:
    """Return the parts of every bin of every measure on one date, of its candidate where there is one."""
    open_scope(connection)
    schema = "candidates" if read_candidate(connection, as_of) else "features"
    dated = {"as_of": as_of, "window_name": window_name, "min_active_steps": settings.min_active_steps}
    rows = connection.execute(query("ops/select_distributions").format(schema=schema), dated).fetchall()
    return _nested(rows) | {"unclassified": {"part": read_unclassified(connection, as_of)}}


def read_unclassified(connection: duckdb.DuckDBPyConnection, as_of: date) -> float:
    """Return the part of the last thirteen months' spending that no class counts, 0 to 1."""
    row = connection.execute(query("ops/select_unclassified"), {"as_of": as_of}).fetchone()
    return float(row[0]) if row else 0.0


def training_distributions(
    panel: Panel, coefficients: FloatArray, outputs: FloatArray, unclassified: float
) -> Distributions:
    """Return the same measures of the customers of a training, from its arrays.

    Args:
        panel: The training customers.
        coefficients: Trait coefficients, (C, 5).
        outputs: The network's memberships at the newest step, (n, 5).
        unclassified: Part of the spending that no class counts, 0 to 1.
    """
    amounts = np.einsum("ntc,nt->c", panel.shares, panel.totals)
    covered = np.minimum(coverage(panel.shares, coefficients), 1.0)
    bins = np.floor(np.minimum(outputs, HIGHEST) * BINS).astype(int)
    dominant = [LETTERS[position] for position in outputs.argmax(axis=1)]
    return {
        "class_shares": {str(c): float(amount / amounts.sum()) for c, amount in enumerate(amounts) if amount},
        **{f"membership_{letter.lower()}": _parts(bins[:, k].tolist()) for k, letter in enumerate(LETTERS)},
        "segment_sizes": _parts(dominant),
        "coverage": {"part": float((covered * panel.totals).sum() / panel.totals.sum())},
        "unclassified": {"part": unclassified},
    }


def _parts(values: Sequence[object]) -> dict[str, float]:
    return {str(value): count / len(values) for value, count in Counter(values).items()}


def without_small_bins(distributions: Distributions, customers: int, min_size: int) -> Distributions:
    """Return the distributions, bins of fewer than `min_size` customers in one; those of amounts as they are."""
    return {
        measure: merged_bins(parts, customers, min_size) if measure.startswith(OF_CUSTOMERS) else parts
        for measure, parts in distributions.items()
    }


def read_baseline(connection: duckdb.DuckDBPyConnection, version: str) -> Distributions:
    """Return a model's baseline.

    Raises:
        ModelError: It has none.
    """
    text = "SELECT measure, bin, part FROM models.baselines WHERE model_version = $1"
    baseline = _nested(connection.execute(text, [version]).fetchall())
    if not baseline:
        raise ModelError(f"model {version} has no baseline to measure drift against: run `microseg retrain`")
    return baseline


def write_baseline(connection: duckdb.DuckDBPyConnection, version: str, parts: Distributions) -> None:
    """Keep a model's baseline in place of an earlier one, inside a transaction."""
    connection.execute("DELETE FROM models.baselines WHERE model_version = $1", [version])
    rows = [(version, measure, name, part) for measure, bins in parts.items() for name, part in bins.items()]
    if rows:
        values = ", ".join("(?, ?, ?, ?)" for _ in rows)
        insert = f"INSERT INTO models.baselines (model_version, measure, bin, part) VALUES {values}"
        connection.execute(insert, [cell for row in rows for cell in row])


def _nested(rows: list[tuple[str, str, float | None]]) -> Distributions:
    parts: Distributions = defaultdict(dict)
    for measure, name, part in rows:
        parts[measure][name] = part or 0.0
    return dict(parts)
