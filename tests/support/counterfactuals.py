"""What a counterfactual states, applied step by step as its sentence reads; shares no code with the search."""

from collections.abc import Mapping

import numpy as np

from model.angles import MIN_RADIUS
from model.personality import dominance_order, segment_names
from model.trajectories import hidden_states, logits
from model.types import BoolArray, FloatArray
from model.weights import Weights


def applied(shares: FloatArray, mask: BoolArray, needed: Mapping[int, float]) -> FloatArray:
    """Shares, (T, C), after classes have been moved to the mean shares `needed`; fails where that cannot be."""
    steps = np.flatnonzero(mask)
    rest = [position for position in range(shares.shape[1]) if position not in needed]
    rest_mean = sum(shares[step, rest].sum() for step in steps) / len(steps)
    changed = shares.copy()
    for step in steps:
        for position, share in needed.items():
            mean = sum(shares[other, position] for other in steps) / len(steps)
            if share > mean:
                part = (share - mean) / rest_mean
                changed[step, position] += part * shares[step, rest].sum()
            else:
                changed[step, position] *= share / mean
        left = shares[step].sum() - changed[step, list(needed)].sum()
        if shares[step, rest].any():
            changed[step, rest] *= left / shares[step, rest].sum()
    assert np.allclose(changed[steps].sum(axis=1), shares[steps].sum(axis=1))
    assert (changed[steps] >= -1e-12).all()
    return changed


def segment_of(weights: Weights, shares: FloatArray, mask: BoolArray, depth: int) -> str:
    """The segment in which the network sees one customer; empty where it sees no direction."""
    state = hidden_states(weights, shares[None], mask[None])[:, -1]
    if np.linalg.norm(state) < MIN_RADIUS:
        return ""
    return str(segment_names(dominance_order(logits(weights, state)), depth)[0])
