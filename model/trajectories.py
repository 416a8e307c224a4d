"""Trajectories: what the trained LSTM(3) remembers of a customer after each step, in numpy (the paper, section 3).

Masked steps are those before a customer's first transaction and those with no spend. They carry the previous state on,
so a customer with a masked step is treated exactly as one whose history lacks that step.
"""

from typing import Final, Literal, assert_never

import numpy as np

from model.personality import Scaling, logistic, memberships, scores
from model.types import BoolArray, Float32Array, FloatArray
from model.weights import GATES, Weights

Target = Literal["expanding", "settled", "next_step"]

# 2,048 x 6 x 97 doubles are 10 MB: large enough for BLAS, small enough for a cache and for any machine.
CHUNK: Final = 2_048


def expanding_mean(values: FloatArray, mask: BoolArray) -> FloatArray:
    """Mean of the unmasked steps 1..t, for every t.

    Args:
        values: Shares, or anything linear in them such as scores, (n, T, K).
        mask: True where a step counts, (n, T).

    Returns:
        Means, (n, T, K); zeros until the first unmasked step.

    >>> expanding_mean(np.array([[[1.0], [9.0], [3.0]]]), np.array([[True, False, True]])).ravel()
    array([1., 1., 2.])
    """
    total = np.where(mask[..., None], values, 0.0).cumsum(axis=1)
    return np.asarray(total / np.maximum(mask.cumsum(axis=1), 1)[..., None])


def mean_share(shares: FloatArray | Float32Array, mask: BoolArray) -> FloatArray:
    """Mean over all unmasked steps, (n, C), of shares (n, T, C); zeros for a customer with none."""
    total = np.sum(shares, axis=1, dtype=np.float64, where=mask[..., None])
    return np.asarray(total / np.maximum(mask.sum(axis=1), 1)[:, None])


def targets(
    shares: FloatArray, mask: BoolArray, coefficients: FloatArray, scaling: Scaling, kind: Target
) -> tuple[FloatArray, BoolArray]:
    """What the network learns to say at each step.

    Args:
        shares: Share of spend per class, (n, T, C).
        mask: True where a step counts, (n, T).
        coefficients: Trait coefficients per class, (C, 5).
        scaling: Scaling of the scores; all kinds share one, so their memberships are comparable.
        kind: `expanding`, the membership of the mean share over steps 1..t; `settled`, that of the whole window's mean,
            at every step; `next_step`, that of step t + 1 alone.

    Returns:
        Memberships, (n, T, 5), and where they count, (n, T). `next_step` counts where both steps are unmasked.
    """
    by_step = np.where(mask[..., None], scores(shares, coefficients), 0.0)
    if kind == "expanding":
        return memberships(expanding_mean(by_step, mask), scaling), mask.copy()
    if kind == "settled":
        whole = memberships(expanding_mean(by_step, mask)[:, -1:], scaling)
        return np.repeat(whole, mask.shape[1], axis=1), mask.copy()
    if kind == "next_step":
        following = np.roll(by_step, -1, axis=1)
        counts = mask & np.roll(mask, -1, axis=1)
        counts[:, -1] = False
        return memberships(following, scaling), counts
    assert_never(kind)


def hidden_states(weights: Weights, shares: FloatArray | Float32Array, mask: BoolArray) -> FloatArray:
    """The trajectory of every customer: the hidden state after each step.

    The recurrence is Keras' (gates i, f, c, o; logistic and tanh; h_0 = c_0 = 0), computed in float64.

    Args:
        weights: The network.
        shares: Share of spend per class, (n, T, C), in float64 or float32.
        mask: True where a step counts, (n, T).

    Returns:
        States in (-1, 1), (n, T, U). A masked step repeats the state before it; leading masked steps are zeros.

    Raises:
        ValueError: The shapes do not fit the network.
    """
    n, steps = mask.shape
    if shares.shape != (n, steps, weights.n_classes):
        raise ValueError(f"shares have shape {shares.shape}, expected {(n, steps, weights.n_classes)}")
    states = np.empty((n, steps, weights.units))
    kernel = weights.kernel / weights.scale[:, None]
    for start in range(0, n, CHUNK):
        rows = slice(start, start + CHUNK)
        driven = np.asarray(shares[rows], dtype=np.float64) @ kernel + weights.bias
        states[rows] = _unroll(driven, mask[rows], weights.recurrent)
    return states


def _unroll(driven: FloatArray, mask: BoolArray, recurrent: FloatArray) -> FloatArray:
    """Run the recurrence over inputs already multiplied by the kernel, (n, T, 4U)."""
    n, steps, width = driven.shape
    hidden = cell = np.zeros((n, width // GATES))
    states = np.empty((n, steps, width // GATES))
    for step in range(steps):
        i, f, g, o = np.split(driven[:, step] + hidden @ recurrent, GATES, axis=1)
        new_cell = logistic(f) * cell + logistic(i) * np.tanh(g)
        active = mask[:, step, None]
        hidden = np.where(active, logistic(o) * np.tanh(new_cell), hidden)
        cell = np.where(active, new_cell, cell)
        states[:, step] = hidden
    return states


def logits(weights: Weights, states: FloatArray) -> FloatArray:
    """Outputs before the sigmoid, (..., 5), of states (..., U): h W, plus the read-out bias where there is one."""
    linear: FloatArray = states @ weights.readout
    return linear if weights.readout_bias is None else linear + weights.readout_bias


def outputs(weights: Weights, states: FloatArray) -> FloatArray:
    """Fuzzy memberships in (0, 1), (..., 5), that the network reads from states (..., U)."""
    return logistic(logits(weights, states))
