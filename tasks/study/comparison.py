"""Study: the whole comparison with the paper, by the pipeline's own functions, as a report with tables and figures."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.angles import direction, to_angles
from model.attractors import convergence, customer_attractors
from model.comparison import (
    Views,
    baseline_features,
    direction_change,
    dominant,
    early,
    foretold,
    foretold_r2,
    kept,
    names_by_depth,
    surrogate_figures,
    trait_r2,
    view,
    ward_agreement,
)
from model.network import TrainingOptions
from model.surrogate import correlation_with_personality, fit_angle_surrogate, nonzero_curve
from model.trajectories import Target
from tasks.science.attractors import find_attractors
from tasks.science.features import OTHER_WINDOW
from tasks.science.model_store import Model
from tasks.science.panel import Panel, read_panel
from tasks.science.train import TrainingSet, read_training_set, train_model
from tasks.study.truth import Truth, read_truth
from tasks.units.progress import Progress, silent
from warehouse.connection import connect
from warehouse.settings import Settings

TARGETS: tuple[Target, ...] = ("expanding", "settled", "next_step")
THRESHOLDS = np.array([0.0, 0.05, 0.1, 0.2, 0.3])
Figures = dict[str, list[float]]


@dataclass(frozen=True, eq=False)
class Trained:
    """One network of the study, seen through its training customers and its test customers."""

    model: Model
    train: Views
    test: Views


@dataclass(eq=False)
class Study:
    """All figures of a study: by variant and name, one value a seed.

    Attributes:
        data: Customers of the primary window.
        other: The same customers, in the same order, in the other window.
        truth: The simulator's truth; None on real data.
        figures: Values by (variant, figure).
        example: The first seed's network with the default target, for the drawings.
    """

    data: TrainingSet
    other: Panel
    truth: Truth | None
    figures: dict[str, Figures] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    example: Trained | None = None

    def add(self, variant: str, figures: dict[str, float]) -> None:
        """Add one seed's figures of a variant."""
        for name, value in figures.items():
            self.figures[variant][name].append(value)


def read_study(settings: Settings, as_of: date, truth: Path | None = None) -> Study:
    """Read both windows of the customers fit to train on.

    Args:
        settings: Settings of an aggregated warehouse.
        as_of: Business date.
        truth: The simulator's truth.parquet; the pipeline itself never reads it.
    """
    with connect(settings, read_only=True, files=[truth] if truth else []) as connection:
        row = connection.execute("SELECT primary_window FROM ref.sets").fetchone() or ("annual",)
        data = read_training_set(connection, settings, as_of, row[0])
        other = read_panel(connection, as_of, OTHER_WINDOW[row[0]], "training", len(data.coefficients))
        known = read_truth(connection, truth, as_of, data.panel.keys) if truth else None
    return Study(data, _in_order(other, data.panel.keys), known)


def _in_order(panel: Panel, keys: NDArray[np.int64]) -> Panel:
    """Put a panel's customers into the order of keys; those it lacks get no spending."""
    at = np.searchsorted(panel.keys, keys).clip(max=max(len(panel.keys) - 1, 0))
    here = panel.keys[at] == keys
    ordered = panel.take(at)
    return replace(ordered, keys=keys, shares=ordered.shares * here[:, None, None], mask=ordered.mask & here[:, None])


def run_study(study: Study, seeds: Sequence[int], progress: Progress = silent) -> Study:
    """Train every variant for every seed and measure it.

    Args:
        study: Of `read_study`; takes the figures.
        seeds: At least five for a spread worth printing.
        progress: Called with networks trained and in total.
    """
    variants = [TrainingOptions(target=target) for target in TARGETS] + [TrainingOptions(readout_bias=True)]
    for row, seed in enumerate(seeds):
        for column, options in enumerate(variants):
            name = f"{options.target}{', read-out bias' if options.readout_bias else ''}"
            progress(row * len(variants) + column, len(seeds) * len(variants), f"seed {seed}: {name}")
            trained = _train(study.data, replace(options, seed=seed))
            study.add(name, _network_figures(study, trained))
            if options == TrainingOptions():
                study.example = study.example or trained
                study.add("shared", _shared_figures(study, trained, seed))
    return study


def _train(data: TrainingSet, options: TrainingOptions) -> Trained:
    model = train_model(data, options)
    train, test = (_view(data.panel.take(rows), data, model) for rows in (data.is_train, ~data.is_train))
    return Trained(model, train, test)


def _view(panel: Panel, data: TrainingSet, model: Model) -> Views:
    return view(panel.shares, panel.mask, data.coefficients, model.scaling, model.weights)


def _network_figures(study: Study, trained: Trained) -> dict[str, float]:
    """Figures that belong to one network, on test customers."""
    test, model = trained.test, trained.model
    other = _view(study.other.take(~study.data.is_train), study.data, model)
    masks = (test.mask, other.mask)
    figures = {
        "trait R2": trait_r2(test),
        "kept from step to step": kept(test.network, test.mask),
        "same in both windows": _same(test.network, other.network, masks),
        "step 2 agrees with step 6": early(test.network, test.mask),
        "next step's dominant trait": foretold(test.network, test.step, test.mask),
        "next step's memberships, squared correlation": foretold_r2(test.network, test.step, test.mask),
    }
    figures |= surrogate_figures(trained.train, test, model.frame, model.options.seed)
    figures |= _coefficient_figures(study, trained)
    if study.truth is not None:
        figures |= _truth_figures(study.truth, study.data, test.network)
    return figures


def _same(one: NDArray[np.float64], two: NDArray[np.float64], masks: tuple[NDArray[np.bool_], ...]) -> float:
    both = np.all([mask.any(axis=1) for mask in masks], axis=0)
    return float((dominant(one[:, -1]) == dominant(two[:, -1]))[both].mean())


def _coefficient_figures(study: Study, trained: Trained) -> dict[str, float]:
    """How many classes matter to the angles, and how their coefficients go with the traits'."""
    angles = to_angles(trained.train.states[:, -1], trained.model.frame)
    pairs = np.column_stack([angles.azimuth, angles.polar])[angles.determined]
    fitted = fit_angle_surrogate(trained.train.average[angles.determined], pairs)
    counts = nonzero_curve(fitted.coefficients, THRESHOLDS)
    figures = {
        f"classes above {t:.0%} of the largest coefficient": float(n) for t, n in zip(THRESHOLDS, counts, strict=True)
    }
    canonical = correlation_with_personality(trained.model.surrogate.coefficients, study.data.coefficients)
    return figures | {"first canonical correlation with the traits": float(canonical[0])}


def _truth_figures(truth: Truth, data: TrainingSet, member: NDArray[np.float64]) -> dict[str, float]:
    test = truth.take(~data.is_train)
    return {"latent dominant trait": float((dominant(member[:, -1]) == test.dominant).mean())}


def _shared_figures(study: Study, trained: Trained, seed: int) -> dict[str, float]:
    """Figures of the baselines, and those that need one network only: clusters, attractors, switchers."""
    test, model = trained.test, trained.model
    other = _view(study.other.take(~study.data.is_train), study.data, model)
    masks = (test.mask, other.mask)
    figures: dict[str, float] = {}
    for name, mine, theirs in (("raw step", test.step, other.step), ("running mean", test.running, other.running)):
        figures |= {
            f"{name}: kept from step to step": kept(mine, test.mask),
            f"{name}: same in both windows": _same(mine, theirs, masks),
            f"{name}: step 2 agrees with step 6": early(mine, test.mask),
            f"{name}: next step's dominant trait": foretold(mine, test.step, test.mask),
            f"{name}: next step's memberships, squared correlation": foretold_r2(mine, test.step, test.mask),
        }
        if study.truth is not None:
            told = _truth_figures(study.truth, study.data, mine)
            figures |= {f"{name}: {key}": value for key, value in told.items()}
    figures |= _cluster_figures(trained.train, seed) | _attractor_figures(study, trained)
    if study.truth is not None:
        switched = study.truth.take(~study.data.is_train).switched
        figures |= dict(
            zip(
                ("change of direction, switchers", "change of direction, others"),
                direction_change(test, switched),
                strict=True,
            )
        )
    return figures


def _cluster_figures(train: Views, seed: int) -> dict[str, float]:
    cells = ward_agreement(direction(train.states[:, -1])[0], names_by_depth(train.network[:, -1]), seed)
    agreement = {"LSTM": cells}
    names = names_by_depth(train.running[:, -1])
    for name, features in baseline_features(train, seed).items():
        agreement[name] = ward_agreement(features, names, seed)
    return {f"AMI {name}, depth {d}": value for name, row in agreement.items() for d, value in enumerate(row, start=1)}


def _attractor_figures(study: Study, trained: Trained) -> dict[str, float]:
    points = find_attractors(trained.model, study.data)
    test = trained.test
    ends = customer_attractors(trained.model.weights, test.average, test.states[:, -1])
    left = convergence(test.states, ends.h)
    strength = test.network[:, -1].max(axis=1)
    usable = ends.converged & np.isfinite(left)
    return {
        "inputs whose fixed points are complete": float(np.mean([fixed.complete for fixed in points.values()])),
        "stable points per input": float(np.mean([fixed.stable.sum() for fixed in points.values()])),
        "customers whose attractor is stable": float((ends.spectral_radius[ends.converged] < 1).mean()),
        "left of the way after six steps, median": float(np.median(left[usable])),
        "membership against way left, correlation": float(np.corrcoef(strength[usable], left[usable])[0, 1]),
    }
