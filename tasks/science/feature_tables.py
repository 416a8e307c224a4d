"""The border from arrays to tables: Arrow tables in the columns of features.*, and their insertion."""

from collections.abc import Callable, Sequence
from datetime import date

import duckdb
import numpy as np
import pyarrow as pa

from model.reasons import top_reasons
from model.vocabulary import LETTERS
from tasks.science.model_store import Model
from tasks.science.trace import Features
from warehouse.queries import query

REASONS_KEPT = 10
_LETTER = np.array(list(LETTERS))


def insert_features(
    connection: duckdb.DuckDBPyConnection, blocks: Sequence[Features], model: Model, as_of: date, window_name: str
) -> None:
    """Insert the features of some blocks of customers as candidates, inside a transaction; one file a table.

    Args:
        connection: Inside a transaction.
        blocks: Features to insert.
        model: The model that made them.
        as_of: Business date.
        window_name: Window of the panel.
    """
    parameters = {"as_of": as_of, "window_name": window_name, "model_version": model.version}
    for name, make in TABLES.items():
        connection.register("arriving", pa.concat_tables([make(block) for block in blocks]))
        connection.execute(query("features/insert_arriving").format(table=name), parameters)
        connection.unregister("arriving")


def personality_table(features: Features) -> pa.Table:
    """One row a customer and step with spend."""
    customer, step = np.nonzero(features.panel.mask)
    cells = features.panel.mask
    columns: dict[str, object] = {"customer_key": features.panel.keys[customer], "step": (step + 1).astype(np.int8)}
    for name, values in (("score", features.scores), ("membership", features.memberships)):
        columns |= {f"{name}_{letter.lower()}": values[cells][:, k] for k, letter in enumerate(LETTERS)}
    columns |= {
        "dominant": _LETTER[features.dominant[cells]],
        "total": features.panel.totals[cells],
        "coverage": features.coverage[cells],
    }
    return pa.table(columns)


def trajectories_table(features: Features) -> pa.Table:
    """One row a customer and step; a masked step repeats the state before it."""
    n, steps, _ = features.states.shape
    states, outputs = features.states.reshape(n * steps, -1), features.outputs.reshape(n * steps, -1)
    columns: dict[str, object] = {
        "customer_key": np.repeat(features.panel.keys, steps),
        "step": np.tile(np.arange(1, steps + 1, dtype=np.int8), n),
    }
    columns |= {f"h{unit + 1}": states[:, unit] for unit in range(states.shape[1])}
    columns |= {f"output_{letter.lower()}": outputs[:, k] for k, letter in enumerate(LETTERS)}
    return pa.table(columns)


def angles_table(features: Features) -> pa.Table:
    """One row a customer."""
    angles = features.angles
    return pa.table(
        {
            "customer_key": features.panel.keys,
            "azimuth": angles.azimuth,
            "polar": angles.polar,
            "radius": angles.radius,
            "determined": angles.determined,
        }
    )


def reasons_table(features: Features) -> pa.Table:
    """The classes of largest contribution, one row a customer and rank."""
    best = top_reasons(features.reasons, REASONS_KEPT)
    n, kept = best.shape
    contribution = np.take_along_axis(features.reasons.contributions, best, axis=1).ravel()
    return pa.table(
        {
            "customer_key": np.repeat(features.panel.keys, kept),
            "rank": np.tile(np.arange(1, kept + 1, dtype=np.int8), n),
            "class_id": best.ravel().astype(np.int16),
            "contribution": contribution,
            "direction": np.where(contribution >= 0, "for", "against"),
        }
    ).filter(pa.array(contribution != 0))


def explanations_table(features: Features) -> pa.Table:
    """How the lead of the dominant trait splits, one row a customer."""
    reasons = features.reasons
    return pa.table(
        {
            "customer_key": features.panel.keys,
            "dominant": _LETTER[reasons.dominant],
            "runner_up": _LETTER[reasons.runner_up],
            "lead": reasons.lead,
            "explained": reasons.contributions.sum(axis=1),
            "intercept": reasons.intercept,
            "residual": reasons.residual,
            "weak": reasons.weak,
        }
    )


TABLES: dict[str, Callable[[Features], pa.Table]] = {
    "personality": personality_table,
    "trajectories": trajectories_table,
    "angles": angles_table,
    "reasons": reasons_table,
    "explanations": explanations_table,
}
