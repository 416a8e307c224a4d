"""Train: the LSTM(3) and all that is fitted beside it, on customers whose identity alone decides their role."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np

from model.angles import fit_frame
from model.network import TrainingDiverged, TrainingOptions, input_scale, train
from model.personality import fit_scaling, scores
from model.surrogate import fit_state_surrogate
from model.trajectories import hidden_states, mean_share, targets
from model.types import BoolArray, FloatArray
from tasks.model_store import Model
from tasks.panel import Panel, read_coefficients, read_panel
from warehouse.errors import ModelError
from warehouse.queries import query
from warehouse.settings import Settings

UNSEEN_BUCKET = 80


@dataclass(frozen=True)
class TrainingSet:
    """Customers to train on, in an order that depends on nothing but who they are.

    Attributes:
        panel: Their shares.
        seen: True for the training customers; the others, always the same people, measure the model, (n,).
        coefficients: Trait coefficients, (C, 5).
    """

    panel: Panel
    seen: BoolArray
    coefficients: FloatArray


def read_training_set(
    connection: duckdb.DuckDBPyConnection, settings: Settings, as_of: date, window_name: str
) -> TrainingSet:
    """Read the customers fit to train on.

    Raises:
        ModelError: There are too few, or no class carries a coefficient.
    """
    bounds = {"min_active_steps": settings.min_active_steps, "limit": settings.max_training_customers}
    which = {"as_of": as_of, "window_name": window_name}
    connection.execute(query("models/create_training"), bounds | which)
    order = connection.execute("SELECT customer_key, bucket FROM training ORDER BY position").fetchnumpy()
    seen = order["bucket"].astype(np.int64) < UNSEEN_BUCKET
    if seen.sum() < settings.min_training_customers:
        raise ModelError(
            f"only {seen.sum()} customers have {settings.min_active_steps} or more active steps up to {as_of}; "
            f"{settings.min_training_customers} are needed to train"
        )
    coefficients = read_coefficients(connection)
    panel = read_panel(connection, as_of, window_name, "training", len(coefficients))
    rows = np.searchsorted(panel.keys, order["customer_key"].astype(np.int64))
    return TrainingSet(panel.take(rows), seen, coefficients)


def train_model(
    data: TrainingSet,
    options: TrainingOptions,
    as_of: date,
    window_name: str,
    champion: Model | None = None,
    progress: Callable[[int, int, float], None] | None = None,
) -> Model:
    """Train a network and fit scaling, frame and surrogate on the training customers.

    Args:
        data: Training customers, the unseen ones included.
        options: How to train.
        as_of: Business date of the data.
        window_name: Window of the data.
        champion: Warm start.
        progress: Called after each epoch.

    Raises:
        ModelError: Training diverged, or the customers are all alike; the champion stays.
    """
    seen = data.panel.take(data.seen)
    try:
        average = mean_share(seen.shares, seen.mask)
        scaling = fit_scaling(scores(average, data.coefficients))
        aims, counts = targets(seen.shares, seen.mask, data.coefficients, scaling, options.target)
        scale = input_scale(seen.shares, seen.mask)
        initial = champion.weights if champion else None
        trained = train(
            seen.shares, seen.mask, aims, counts, scale=scale, options=options, initial=initial, progress=progress
        )
        states = hidden_states(trained.weights, seen.shares, seen.mask)[:, -1]
        frame = fit_frame(states, average, seed=options.seed)
        surrogate = fit_state_surrogate(average, states)
    except TrainingDiverged as error:
        raise ModelError(f"{error}; nothing was changed") from error
    except ValueError as error:
        raise ModelError(f"cannot train on {window_name} up to {as_of}: {error}") from error
    return Model(
        trained.weights,
        scaling,
        frame,
        surrogate,
        average.mean(axis=0),
        options,
        window_name,
        as_of,
        len(seen.keys),
        _keys_hash(seen),
        parent=champion.version if champion else "",
    )


def _keys_hash(panel: Panel) -> str:
    return hashlib.sha256(np.sort(panel.keys).tobytes()).hexdigest()
