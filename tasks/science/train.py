"""Train: the LSTM(3) and all that is fitted beside it, on customers whose identity alone decides their role."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import duckdb
import numpy as np

from model.angles import fit_frame
from model.network import TrainingDiverged, TrainingOptions, input_scale, train
from model.personality import Scaling, fit_scaling, scores
from model.surrogate import fit_state_surrogate, predict, r2
from model.trajectories import hidden_states, mean_share, outputs, targets
from model.types import BoolArray, FloatArray
from tasks.science.drift import Distributions, read_unclassified, training_distributions, without_small_bins
from tasks.science.model_store import Model
from tasks.science.panel import Panel, read_coefficients, read_panel
from tasks.science.scope import open_scope
from warehouse.errors import ModelError
from warehouse.queries import query
from warehouse.settings import Settings

TEST_BUCKET = 80
CEILING = 0.99


@dataclass(frozen=True)
class TrainingSet:
    """Customers to train on, in an order that depends on nothing but who they are.

    Attributes:
        panel: Their shares.
        is_train: True for the training customers; the others, always the same people, are the test customers, (n,).
        coefficients: Trait coefficients, (C, 5).
        as_of: Business date of the shares.
        window_name: Window of the shares.
        unclassified: Part of the spending that no class counts, 0 to 1.
        reference_version: Of the reference set that classed the spending; empty for the active one.
    """

    panel: Panel
    is_train: BoolArray
    coefficients: FloatArray
    as_of: date
    window_name: str
    unclassified: float = 0.0
    reference_version: str = ""


def read_training_set(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    as_of: date,
    window_name: str,
    reference_version: str = "",
) -> TrainingSet:
    """Read the customers fit to train on.

    Args:
        connection: A warehouse connection.
        settings: Fewest active steps, bounds on the number of customers.
        as_of: Business date.
        window_name: ``annual`` or ``bimonthly``.
        reference_version: Of the reference set; empty for the active one.

    Raises:
        ModelError: There are too few, or no class carries a coefficient.
    """
    open_scope(connection, reference_version)
    bounds = {"min_active_steps": settings.min_active_steps, "limit": settings.max_training_customers}
    dated = {"as_of": as_of, "window_name": window_name}
    connection.execute(query("models/create_training"), bounds | dated)
    order = connection.execute("SELECT customer_key, bucket FROM training ORDER BY position").fetchnumpy()
    is_train = order["bucket"].astype(np.int64) < TEST_BUCKET
    if is_train.sum() < settings.min_training_customers:
        raise ModelError(
            f"only {is_train.sum()} customers have {settings.min_active_steps} or more active steps up to {as_of}; "
            f"{settings.min_training_customers} are needed to train"
        )
    coefficients = read_coefficients(connection)
    panel = read_panel(connection, as_of, window_name, "training", len(coefficients))
    rows = np.searchsorted(panel.keys, order["customer_key"].astype(np.int64))
    unclassified = read_unclassified(connection, as_of)
    return TrainingSet(panel.take(rows), is_train, coefficients, as_of, window_name, unclassified, reference_version)


def train_model(
    data: TrainingSet,
    options: TrainingOptions,
    champion: Model | None = None,
    progress: Callable[[int, int, float], None] | None = None,
) -> Model:
    """Train a network and fit scaling, frame and surrogate on the training customers.

    Args:
        data: Training customers, the test customers included.
        options: How to train.
        champion: Warm start.
        progress: Called after each epoch.

    Raises:
        ModelError: Training diverged, or the customers are all alike; the champion stays.
    """
    fitted = data.panel.take(data.is_train)
    try:
        average = mean_share(fitted.shares, fitted.mask)
        scaling = fit_scaling(scores(average, data.coefficients))
        target, counts = targets(fitted.shares, fitted.mask, data.coefficients, scaling, options.target)
        scale = input_scale(fitted.shares, fitted.mask)
        initial = champion.weights if champion else None
        trained = train(
            fitted.shares, fitted.mask, target, counts, scale=scale, options=options, initial=initial, progress=progress
        )
        states = hidden_states(trained.weights, fitted.shares, fitted.mask)[:, -1]
        frame = fit_frame(states, seed=options.seed)
        surrogate = fit_state_surrogate(average, states)
    except TrainingDiverged as error:
        raise ModelError(f"{error}; nothing was changed") from error
    except ValueError as error:
        raise ModelError(f"cannot train on {data.window_name} up to {data.as_of}: {error}") from error
    return Model(
        trained.weights,
        scaling,
        frame,
        surrogate,
        average.mean(axis=0),
        np.quantile(average, CEILING, axis=0),
        options,
        data.window_name,
        data.as_of,
        len(fitted.keys),
        _keys_hash(fitted),
        parent=champion.version if champion else "",
        reference_version=data.reference_version,
    )


def _keys_hash(panel: Panel) -> str:
    return hashlib.sha256(np.sort(panel.keys).tobytes()).hexdigest()


def evaluate(model: Model, data: TrainingSet, scaling: Scaling | None = None) -> Model:
    """Return the model with its figures on the test customers, whom the training did not see.

    Args:
        model: The model to judge.
        data: Training and test customers.
        scaling: Of the memberships that count as the truth; default: the model's own. Two models that are compared
            are judged by one.
    """
    test = data.panel.take(~data.is_train) if (~data.is_train).any() else data.panel
    states = hidden_states(model.weights, test.shares, test.mask)[:, -1]
    target, _ = targets(test.shares, test.mask, data.coefficients, scaling or model.scaling, "settled")
    truth, said = target[:, -1], outputs(model.weights, states)
    residual = np.square(truth - said).sum(axis=0)
    spread = np.square(truth - truth.mean(axis=0)).sum(axis=0)
    by_trait = 1 - residual / spread
    surrogate = r2(states, predict(model.surrogate, mean_share(test.shares, test.mask)))
    # The name under which warehouses made before keep the number of test customers.
    figures = {"trait_r2": by_trait.mean(), "state_r2": np.mean(surrogate), "unseen_customers": len(test.keys)}
    return replace(model, metrics={name: float(value) for name, value in figures.items()})


def distributions_of(model: Model, data: TrainingSet) -> Distributions:
    """Return the distributions of the training customers under a model."""
    fitted = data.panel.take(data.is_train)
    newest = outputs(model.weights, hidden_states(model.weights, fitted.shares, fitted.mask)[:, -1])
    return training_distributions(fitted, data.coefficients, newest, data.unclassified)


def with_baseline(model: Model, data: TrainingSet, min_size: int) -> Model:
    """Return the model with the distributions of its training customers, which drift is measured against.

    Args:
        model: The model.
        data: What it was trained on.
        min_size: Fewest customers of a group that may be kept: smaller bins are merged.
    """
    customers = int(data.is_train.sum())
    return replace(model, baseline=without_small_bins(distributions_of(model, data), customers, min_size))
