"""Retrain: a challenger against the champion on the same unseen people; promoted only when it is not worse."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import duckdb
import numpy as np

from model.alignment import align
from model.disclosure import Names, publishable_moves
from model.personality import dominance_order
from model.surrogate import fit_state_surrogate
from model.trajectories import hidden_states, logits, mean_share
from model.vocabulary import OTHER
from tasks.science.drift import Drift, compare, read_baseline, read_distributions
from tasks.science.features import refresh_features
from tasks.science.model_store import Model, load, save, set_alias
from tasks.science.segment import refresh_segments
from tasks.science.train import TrainingSet, evaluate
from warehouse.errors import ModelError
from warehouse.settings import Settings

Promote = Literal["auto", "never", "force"]
# Figures on the frozen evaluation set may fall by this much and no more (two points of R2 is within seed noise).
TOLERANCE = 0.02
COMPARED = ("trait_r2", "state_r2")
MIN_AGREEMENT = 0.90


@dataclass(frozen=True)
class Decision:
    """What became of a challenger.

    Attributes:
        promoted: Whether it is the champion now.
        reason: Why, or why not, in one line.
        agreement: Part of the customers that keep their segment of depth 1.
        champion: Figures of the champion on the unseen customers.
        challenger: Figures of the challenger on the same.
        movers: Customers by segment under the champion and the challenger, where they differ; no small groups.
    """

    promoted: bool
    reason: str
    agreement: float
    champion: dict[str, float]
    challenger: dict[str, float]
    movers: dict[tuple[str, str], int]


def align_to(challenger: Model, champion: Model, data: TrainingSet) -> Model:
    """Give the challenger's units the champion's order and signs; its function stays the same.

    The champion's frame is kept, so that angles before and after can be compared.
    """
    panel = data.panel
    states = hidden_states(challenger.weights, panel.shares, panel.mask)
    target = hidden_states(champion.weights, panel.shares, panel.mask)
    weights = align(challenger.weights, states, target).weights
    seen = panel.take(data.seen)
    average = mean_share(seen.shares, seen.mask)
    surrogate = fit_state_surrogate(average, hidden_states(weights, seen.shares, seen.mask)[:, -1])
    return replace(challenger, weights=weights, frame=champion.frame, surrogate=surrogate)


def decide(
    challenger: Model, champion: Model, data: TrainingSet, drift: list[Drift], promote: Promote, min_size: int
) -> Decision:
    """Compare the two on the same people.

    Args:
        challenger: Aligned to the champion.
        champion: The model in use.
        data: Customers of the retraining's date; the unseen ones are the same people in every training.
        drift: Measures of the date.
        promote: ``auto`` by the gates, ``never`` or ``force`` by a person.
        min_size: Fewest customers of a group that may be seen among the movers.
    """
    before, after = evaluate(champion, data).metrics, evaluate(challenger, data).metrics
    was, becomes = (_dominant(model, data) for model in (champion, challenger))
    agreement = float((was == becomes).mean())
    objections = _objections(before, after, agreement, drift)
    promoted = promote == "force" or (promote == "auto" and not objections)
    reason = {"force": "forced by a person", "never": "kept back on request"}.get(promote, "not worse in any gate")
    if objections and promote != "never":
        reason = "; ".join(objections) + (" (forced by a person)" if promoted else "")
    return Decision(promoted, reason, agreement, before, after, _movers(was, becomes, min_size))


def _movers(was: Names, becomes: Names, min_size: int) -> dict[tuple[str, str], int]:
    pairs, counts = np.unique(np.stack([was, becomes]), axis=1, return_counts=True)
    moves = {(str(before), str(after)): int(n) for (before, after), n in zip(pairs.T, counts, strict=True)}
    shown = publishable_moves(moves, min_size)
    return {(before, after): n for (before, after), n in shown.items() if before not in (after, OTHER)}


def _dominant(model: Model, data: TrainingSet) -> Names:
    states = hidden_states(model.weights, data.panel.shares, data.panel.mask)[:, -1]
    return np.array(list("OCEAN"))[dominance_order(logits(model.weights, states))[:, 0]]


def _objections(before: dict[str, float], after: dict[str, float], agreement: float, drift: list[Drift]) -> list[str]:
    worse = [
        f"{name} falls from {before[name]:.3f} to {after[name]:.3f}"
        for name in COMPARED
        if after[name] < before[name] - TOLERANCE
    ]
    if agreement < MIN_AGREEMENT:
        worse.append(f"only {agreement:.1%} of customers keep their segment, {MIN_AGREEMENT:.0%} are needed")
    worse += [f"{each.measure} drifted by {each.value:.2f}" for each in drift if each.level == "critical"]
    return worse


def current_drift(connection: duckdb.DuckDBPyConnection, champion: Model, as_of: date) -> list[Drift]:
    """Return the drift of a date whose features are written; nothing when they are not."""
    baseline, today = (
        read_baseline(connection, champion.version),
        read_distributions(connection, as_of, champion.window_name),
    )
    return compare(baseline, today) if baseline and "segment_sizes" in today else []


def promote_model(
    connection: duckdb.DuckDBPyConnection, settings: Settings, model: Model, as_of: date, run_id: str
) -> None:
    """Move alias, features and segments to a model together, inside one transaction."""
    save(connection, model, "champion", run_id)
    refresh_features(connection, model, as_of, run_id)
    refresh_segments(connection, settings, model, as_of, run_id)


def record_decision(
    connection: duckdb.DuckDBPyConnection, model: Model, action: str, as_of: date, reason: str, run_id: str
) -> None:
    """Enter a decision into models.promotions, inside a transaction."""
    line = [model.version, model.parent or None, action, as_of, reason, run_id]
    connection.execute("INSERT INTO models.promotions VALUES ($1, $2, $3, $4, $5, $6, now())", line)


def roll_back(connection: duckdb.DuckDBPyConnection, settings: Settings, run_id: str) -> tuple[str, str]:
    """Put the champion's predecessor back, with its features and segments, inside one transaction.

    Returns:
        The version taken out and the version put back.

    Raises:
        ModelError: There is no predecessor, or its bytes are damaged.
    """
    champion = load(connection)
    found = connection.execute("SELECT max(as_of) FROM segments.current").fetchone()
    if champion is None or not champion.parent or found is None:
        raise ModelError("there is no earlier champion to roll back to")
    held = connection.execute("SELECT 1 FROM models.versions WHERE model_version = $1", [champion.parent]).fetchone()
    if held is None:
        raise ModelError(f"the earlier champion {champion.parent} is no longer in models.versions")
    set_alias(connection, champion.parent, "champion")
    earlier = load(connection)
    if earlier is None:
        raise ModelError(f"the earlier champion {champion.parent} cannot be read")
    refresh_features(connection, earlier, found[0], run_id)
    refresh_segments(connection, settings, earlier, found[0], run_id)
    record_decision(connection, earlier, "rolled_back", found[0], f"in place of {champion.version}", run_id)
    return champion.version, earlier.version
