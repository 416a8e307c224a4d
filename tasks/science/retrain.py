"""Retrain: a challenger against the champion on the same test customers; promoted only when it is not worse."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

import duckdb
import numpy as np

from model.alignment import align
from model.angles import direction
from model.disclosure import Names, joining, publishable_moves
from model.drift import critical_limit
from model.network import TrainingOptions
from model.personality import dominance_order, segment_names
from model.surrogate import fit_state_surrogate
from model.trajectories import hidden_states, logits, mean_share
from model.vocabulary import OTHER, UNDETERMINED
from tasks.science.drift import Drift, compare, read_baseline
from tasks.science.model_store import Model
from tasks.science.reference_change import ReferenceChange
from tasks.science.train import TrainingSet, distributions_of, evaluate, train_model, with_baseline

Promote = Literal["auto", "never", "force"]
# Figures on the frozen evaluation set may fall by this much and no more (two points of R2 is within seed noise).
TOLERANCE = 0.02
COMPARED = ("trait_r2", "state_r2")
MIN_AGREEMENT = 0.90
_TAKEN_BACK = (
    "this version of the reference set was rolled back on {}; `microseg retrain --promote force` adopts it again"
)


@dataclass(frozen=True)
class Gate:
    """One condition that a challenger must meet to be promoted.

    Attributes:
        measure: A figure, ``agreement``, or a measure of drift.
        value: What was found.
        limit: What is asked for.
        at_least: Whether the value must not be below the limit; else it must stay below it.
    """

    measure: str
    value: float
    limit: float
    at_least: bool = True

    @property
    def margin(self) -> float:
        """How far the value is on the good side of the limit; negative on the other."""
        return self.value - self.limit if self.at_least else self.limit - self.value

    @property
    def passed(self) -> bool:
        """Whether it is met; a figure that could not be measured refuses nobody."""
        return not (self.margin < 0 or (self.margin == 0 and not self.at_least))


@dataclass(frozen=True)
class Decision:
    """What became of a challenger.

    Attributes:
        version: The challenger.
        promoted: Whether it may become the champion.
        reason: Why, or why not, in one line.
        agreement: Part of the customers that keep their segment of depth 1.
        champion: Figures of the champion on the test customers.
        challenger: Figures of the challenger on the same.
        movers: Customers by segment under the champion and the challenger, where they differ; no small groups.
        gates: What a promotion asks for, with what was found.
        sizes: Customers by segment of depth 1 under the champion and the challenger; small groups in one.
    """

    version: str
    promoted: bool
    reason: str
    agreement: float
    champion: dict[str, float]
    challenger: dict[str, float]
    movers: dict[tuple[str, str], int]
    gates: tuple[Gate, ...] = ()
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)


def align_to(challenger: Model, champion: Model, data: TrainingSet) -> Model:
    """Give the challenger's units the champion's order and signs; its function stays the same.

    The champion's frame is kept, so that angles before and after can be compared.
    """
    panel = data.panel
    states = hidden_states(challenger.weights, panel.shares, panel.mask)
    target = hidden_states(champion.weights, panel.shares, panel.mask)
    weights = align(challenger.weights, states, target).weights
    train = panel.take(data.is_train)
    average = mean_share(train.shares, train.mask)
    surrogate = fit_state_surrogate(average, hidden_states(weights, train.shares, train.mask)[:, -1])
    return replace(challenger, weights=weights, frame=champion.frame, surrogate=surrogate)


def train_challenger(
    champion: Model,
    data: TrainingSet,
    change: ReferenceChange | None,
    options: TrainingOptions,
    min_size: int,
    progress: Callable[[int, int, float], None] | None = None,
) -> Model:
    """Train a challenger with its figures and its baseline.

    Warm, and aligned to the champion, where the inputs of both mean the same; else cold, with a frame of its own.

    Args:
        champion: The model in use.
        data: Training and test customers.
        change: Of the reference set; None where it counts the same.
        options: How to train.
        min_size: Fewest customers of a group that the baseline may keep.
        progress: Called after each epoch.
    """
    if change is None or change.warm:
        trained = align_to(train_model(data, options, champion, progress), champion, data)
    else:
        trained = replace(train_model(data, options, progress=progress), parent=champion.version)
    return with_baseline(evaluate(trained, data), data, min_size)


def decide(
    challenger: Model,
    champion: Model,
    data: TrainingSet,
    drift: list[Drift],
    promote: Promote,
    min_size: int,
    change: ReferenceChange | None = None,
) -> Decision:
    """Compare the two on the same people.

    Under one reference set both are judged by one truth, and most customers must keep their segment. Where a person
    changed the set, each is judged by the truth of its own version, and customers may move: that is what was asked for.

    Args:
        challenger: Aligned to the champion where the reference set allows it.
        champion: The model in use.
        data: Customers of the retraining's date; the test customers are the same people in every training.
        drift: Measures of the date.
        promote: ``auto`` by the gates, ``never`` or ``force`` by a person.
        min_size: Fewest customers of a group that may be seen among the movers.
        change: Of the reference set; None where it counts the same.
    """
    own = change.own if change else data
    before = evaluate(champion, own, champion.scaling).metrics if own else champion.metrics
    after = evaluate(challenger, data, None if change else champion.scaling).metrics
    was, becomes = _segments(challenger, champion, data, own)
    agreement = float((was == becomes).mean()) if len(was) else 0.0
    objections = _objections(before, after, 1.0 if change else agreement, drift)
    objections += [_TAKEN_BACK.format(change.rolled_back)] if change and change.rolled_back else []
    if challenger.version == champion.version:
        return Decision(challenger.version, False, "training reproduced the champion", 1.0, before, after, {})
    promoted = promote == "force" or (promote == "auto" and not objections)
    reason = {"force": "forced by a person", "never": "kept back on request"}.get(promote, "not worse in any gate")
    if objections and promote != "never":
        reason = "; ".join(objections) + (" (forced by a person)" if promoted else "")
    movers, sizes = _movers(was, becomes, min_size), _sizes(was, becomes, min_size)
    gates = _gates(before, after, None if change else agreement, drift)
    return Decision(challenger.version, promoted, reason, agreement, before, after, movers, gates, sizes)


def _gates(
    before: dict[str, float], after: dict[str, float], agreement: float | None, drift: list[Drift]
) -> tuple[Gate, ...]:
    """Return the gates in the order in which `_objections` asks them."""
    figures = [Gate(name, after[name], before[name] - TOLERANCE) for name in COMPARED]
    kept = [] if agreement is None else [Gate("agreement", agreement, MIN_AGREEMENT)]
    moved = [Gate(one.measure, abs(one.value), critical_limit(one.measure), at_least=False) for one in drift]
    return (*figures, *kept, *moved)


def _sizes(was: Names, becomes: Names, min_size: int) -> dict[str, tuple[int, int]]:
    names = sorted({str(name) for name in was} | {str(name) for name in becomes})
    sizes = {name: (int((was == name).sum()), int((becomes == name).sum())) for name in names}
    few = {name for side in (0, 1) for name in joining({name: pair[side] for name, pair in sizes.items()}, min_size)}
    shown = {name: pair for name, pair in sizes.items() if name not in few}
    rest = [sizes[name] for name in few]
    return shown | ({OTHER: (sum(pair[0] for pair in rest), sum(pair[1] for pair in rest))} if rest else {})


def _segments(challenger: Model, champion: Model, data: TrainingSet, own: TrainingSet | None) -> tuple[Names, Names]:
    """Return the segment of depth 1 under champion and challenger of the customers of both sets; none without any."""
    if own is None:
        return np.array([], dtype=np.str_), np.array([], dtype=np.str_)
    _, at, before = np.intersect1d(data.panel.keys, own.panel.keys, return_indices=True)
    return _segments_of(champion, own)[before], _segments_of(challenger, data)[at]


def _movers(was: Names, becomes: Names, min_size: int) -> dict[tuple[str, str], int]:
    if not len(was):
        return {}
    pairs, counts = np.unique(np.stack([was, becomes]), axis=1, return_counts=True)
    moves = {(str(before), str(after)): int(n) for (before, after), n in zip(pairs.T, counts, strict=True)}
    shown = publishable_moves(moves, min_size)
    return {(before, after): n for (before, after), n in shown.items() if before not in (after, OTHER)}


def _segments_of(model: Model, data: TrainingSet) -> Names:
    states = hidden_states(model.weights, data.panel.shares, data.panel.mask)[:, -1]
    names = segment_names(dominance_order(logits(model.weights, states)), 1)
    return np.where(direction(states)[1], names, UNDETERMINED)


def _objections(before: dict[str, float], after: dict[str, float], agreement: float, drift: list[Drift]) -> list[str]:
    worse = [
        f"{name} falls from {before[name]:.3f} to {after[name]:.3f}"
        for name in COMPARED
        if after[name] < before[name] - TOLERANCE
    ]
    if agreement < MIN_AGREEMENT:
        worse.append(f"only {agreement:.1%} of customers keep their segment, {MIN_AGREEMENT:.0%} is required")
    worse += [f"{moved.measure} drifted by {moved.value:.2f}" for moved in drift if moved.level == "critical"]
    return worse


def training_drift(connection: duckdb.DuckDBPyConnection, champion: Model, data: TrainingSet) -> list[Drift]:
    """Return how far the training customers of a date have moved from those that the champion was trained on."""
    return compare(read_baseline(connection, champion.version), distributions_of(champion, data))
