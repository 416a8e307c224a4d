"""Attractors: where a model's trajectories run to, kept beside it in models.attractors."""

import duckdb
import numpy as np

from model.angles import direction
from model.attractors import FixedPoints, fixed_points, prototype_inputs
from model.personality import dominance_order, memberships, scores, segment_names
from model.trajectories import hidden_states, mean_share
from model.types import FloatArray
from model.vocabulary import TRAITS, UNDETERMINED
from tasks.science.model_store import Model
from tasks.science.train import TrainingSet
from warehouse.queries import query

VISITED = 500
AVERAGE = "population mean"


def find_attractors(model: Model, data: TrainingSet) -> dict[str, FixedPoints]:
    """Return the fixed points under the average input and under each trait's prototype.

    Args:
        model: The network; five driven cases and the autonomous one.
        data: Its training set; a trait that dominates nobody has no prototype.

    Returns:
        Fixed points by input: ``population mean`` or a trait.
    """
    train = data.panel.take(data.is_train)
    average = mean_share(train.shares, train.mask)
    member = memberships(scores(average, data.coefficients), model.scaling)
    dominant = dominance_order(member)[:, 0]
    prototypes = prototype_inputs(average, dominant, member[np.arange(len(dominant)), dominant])
    starts = hidden_states(model.weights, train.shares[:VISITED], train.mask[:VISITED])[:, -1]
    inputs = {AVERAGE: model.population_mean} | dict(zip(TRAITS, prototypes, strict=True))
    usable = {name: share for name, share in inputs.items() if np.isfinite(share).all()}
    return {name: fixed_points(model.weights, share, starts) for name, share in usable.items()}


def save_attractors(connection: duckdb.DuckDBPyConnection, model: Model, attractors: dict[str, FixedPoints]) -> None:
    """Write a model's fixed points, inside a transaction; earlier ones of the same version are replaced."""
    connection.execute("DELETE FROM models.attractors WHERE model_version = $1", [model.version])
    for name, points in attractors.items():
        segments = _segments(points.h, model)
        for row, segment in enumerate(segments):
            line = [
                model.version,
                name,
                *(float(value) for value in points.h[row]),
                bool(points.stable[row]),
                float(points.spectral_radius[row]),
                float(points.residual[row]),
                int(points.index_sum),
                segment,
            ]
            connection.execute(query("models/insert_attractor"), line)


def _segments(states: FloatArray, model: Model) -> list[str]:
    if not len(states):
        return []
    names = segment_names(dominance_order(states @ model.weights.readout), 4)
    return [str(name) for name in np.where(direction(states)[1], names, UNDETERMINED)]
