"""The network under a constant input as a map: one step of it, its equilibria in three equations, both Jacobians.

At an equilibrium the cell rests at c = i g / (1 - f), so the six equations in (h, c) are exactly three in h:
G(h) = o tanh(i g / (1 - f)) = h, with the gates i, f, g, o at (u, h). Everything is vectorised over rows, each with
an input of its own, and in float64.
"""

from typing import Final, NamedTuple

import numpy as np

from model.personality import logistic
from model.types import FloatArray
from model.weights import GATES

RESIDUAL: Final = 1e-10
NEWTON_STEPS: Final = 60
# A longer step leaves the region where the Jacobian says anything; the cube's side is 2.
LONGEST_STEP: Final = 0.5
# exp(300) squared is finite, and a forget gate that far open has saturated the state long before.
OPEN: Final = 300.0


class _Gates(NamedTuple):
    """Gates, (n, U) each, and for how many steps a resting cell adds up its input, 1 / (1 - f)."""

    i: FloatArray
    f: FloatArray
    g: FloatArray
    o: FloatArray
    memory: FloatArray


def _gates(h: FloatArray, driven: FloatArray, recurrent: FloatArray) -> _Gates:
    i, f, g, o = np.split(driven + h @ recurrent, GATES, axis=1)
    # 1 + exp(f) is 1 / (1 - logistic(f)) without the cancellation.
    return _Gates(logistic(i), logistic(f), np.tanh(g), logistic(o), 1.0 + np.exp(np.minimum(f, OPEN)))


def resting_cell(h: FloatArray, driven: FloatArray, recurrent: FloatArray) -> FloatArray:
    """The cell that would stay as it is while the state is h, (n, U): i g / (1 - f).

    Args:
        h: States, (n, U).
        driven: What the input sends to the gates, (n, 4U) or (1, 4U).
        recurrent: Weights of the previous state, (U, 4U).
    """
    gates = _gates(h, driven, recurrent)
    return np.asarray(gates.i * gates.g * gates.memory)


def step(h: FloatArray, c: FloatArray, driven: FloatArray, recurrent: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The next state and cell, (n, U) each; arguments as in `resting_cell`."""
    gates = _gates(h, driven, recurrent)
    c = gates.f * c + gates.i * gates.g
    return gates.o * np.tanh(c), c


def reduced(h: FloatArray, driven: FloatArray, recurrent: FloatArray) -> tuple[FloatArray, FloatArray]:
    """G(h), (n, U), and its Jacobian DG, (n, U, U); arguments as in `resting_cell`."""
    gates = _gates(h, driven, recurrent)
    cell = gates.i * gates.g * gates.memory
    image = gates.o * np.tanh(cell)
    slope = gates.o * (1.0 - np.tanh(cell) ** 2)
    by_candidate = gates.i * (1.0 - gates.g**2) * gates.memory
    by_gate = (slope * cell * (1.0 - gates.i), slope * cell * gates.f, slope * by_candidate, image * (1.0 - gates.o))
    return image, _by_state(by_gate, recurrent)


def spectral_radius(h: FloatArray, driven: FloatArray, recurrent: FloatArray) -> FloatArray:
    """Spectral radius, (n,), of the 2U x 2U Jacobian of `step` at an equilibrium; arguments as in `resting_cell`.

    Perturbations of (h, c) shrink where it is below 1; the three equations alone do not tell.
    """
    gates = _gates(h, driven, recurrent)
    i, f, g, o, _ = gates
    cell = i * g * gates.memory
    squashed = np.tanh(cell)
    slope = o * (1.0 - squashed**2)
    none = np.zeros_like(h)
    # At an equilibrium c = f c + i g, so f' c + i' g + i g' is a matter of the resting cell.
    cell_by_h = _by_state((i * (1.0 - i) * g, f * (1.0 - f) * cell, i * (1.0 - g**2), none), recurrent)
    output_by_h = _by_state((none, none, none, o * (1.0 - o) * squashed), recurrent)
    diagonal = np.eye(h.shape[1])
    top = np.concatenate([output_by_h + slope[:, :, None] * cell_by_h, (slope * f)[:, :, None] * diagonal], axis=2)
    bottom = np.concatenate([cell_by_h, f[:, :, None] * diagonal], axis=2)
    return np.asarray(np.abs(np.linalg.eigvals(np.concatenate([top, bottom], axis=1))).max(axis=1))


def _by_state(by_gate: tuple[FloatArray, ...], recurrent: FloatArray) -> FloatArray:
    """Derivatives by h, (n, U, U), of what has these derivatives by the arguments of the four gates, (n, U) each."""
    blocks = np.split(recurrent.T, GATES)
    return np.asarray(sum(slope[:, :, None] * block for slope, block in zip(by_gate, blocks, strict=True)))


def newton(h: FloatArray, driven: FloatArray, recurrent: FloatArray) -> FloatArray:
    """Newton's method for G(h) = h from every row, within the cube [-1, 1]^U.

    Args:
        h: Starts, (n, U).
        driven: What the input sends to the gates, (n, 4U) or (1, 4U).
        recurrent: Weights of the previous state, (U, 4U).

    Returns:
        Where each row ended, (n, U); not every row need have converged.
    """
    ends = h.copy()
    driven = np.broadcast_to(driven, (len(h), driven.shape[1]))
    active = np.arange(len(h))
    for _ in range(NEWTON_STEPS):
        now = ends[active]
        image, jacobian = reduced(now, driven[active], recurrent)
        change = _solve(np.eye(h.shape[1]) - jacobian, image - now)
        length = np.abs(change).max(axis=1, initial=0.0)
        shortened = change * (LONGEST_STEP / np.maximum(length, LONGEST_STEP))[:, None]
        ends[active] = np.clip(now + shortened, -1.0, 1.0)
        active = active[length > RESIDUAL / 100]
        if len(active) == 0:
            break
    return ends


def _solve(matrices: FloatArray, right: FloatArray) -> FloatArray:
    try:
        return np.asarray(np.linalg.solve(matrices, right[..., None])[..., 0])
    except np.linalg.LinAlgError:  # one exactly singular matrix fails them all
        return np.asarray((np.linalg.pinv(matrices) @ right[..., None])[..., 0])
