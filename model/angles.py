"""Angle features: where a trajectory points, seen from the origin (the paper, section 3: "penetrate ... a sphere").

Angles have seams: the azimuth jumps at its cut and means nothing at the poles. Where they lie is a choice of
coordinates, so a rotation, the frame, is fitted once on the training customers and stored with the model.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from model.types import BoolArray, FloatArray

# A state this short moves no output by more than a few thousandths from one half: it points nowhere.
MIN_RADIUS: Final = 1e-3
# Choosing among rotations needs no more customers than this; the cost grows with them.
FRAME_SAMPLE: Final = 5_000


@dataclass(frozen=True, eq=False)
class Frame:
    """The rotation, (3, 3) with determinant +1, from state space to the canonical axes: u' = R u."""

    rotation: FloatArray

    def __post_init__(self) -> None:
        """Reject what is not a rotation: angles could not be turned back into states."""
        R = self.rotation
        # Without rtol=0 a stretch of the axes would pass that is 10,000 times what a turn of them may be off.
        fits = R.shape == (3, 3) and np.allclose(R @ R.T, np.eye(3), rtol=0.0, atol=1e-9)
        if not fits or np.linalg.det(R) < 0:
            raise ValueError("frame: not a rotation of three dimensions; train the model again")


@dataclass(frozen=True, eq=False)
class Angles:
    """Spherical coordinates in a frame, each (n,).

    Attributes:
        azimuth: Radians in (-pi, pi]; 0 where undetermined.
        polar: Radians in [0, pi]; 0 where undetermined.
        radius: Length of the state.
        determined: False where the radius is below `MIN_RADIUS`.
    """

    azimuth: FloatArray
    polar: FloatArray
    radius: FloatArray
    determined: BoolArray


def direction(states: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Unit vectors of states, (n, 3), and whether they are determined, (n,); zeros where they are not.

    >>> direction(np.array([[0.0, 3.0, 4.0], [0.0, 0.0, 1e-9]]))
    (array([[0. , 0.6, 0.8],
           [0. , 0. , 0. ]]), array([ True, False]))
    """
    radius = np.linalg.norm(states, axis=1)
    determined = radius >= MIN_RADIUS
    unit = np.divide(states, radius[:, None], out=np.zeros_like(states), where=determined[:, None])
    return unit, determined


def to_angles(states: FloatArray, frame: Frame) -> Angles:
    """Spherical coordinates, each (n,), of states (n, 3): azimuth = atan2(u2, u1), polar = arccos(u3)."""
    unit, determined = direction(states)
    azimuth, polar = _spherical(unit @ frame.rotation.T)
    radius = np.linalg.norm(states, axis=1)
    return Angles(np.where(determined, azimuth, 0.0), np.where(determined, polar, 0.0), radius, determined)


def _spherical(unit: FloatArray) -> tuple[FloatArray, FloatArray]:
    azimuth = np.arctan2(unit[..., 1], unit[..., 0])
    # atan2 tells -0 from +0 and would give the cut two names.
    azimuth = np.where(azimuth <= -np.pi, np.pi, azimuth)
    # Not arccos(u3): its error near the poles is the square root of the rounding.
    polar = np.arctan2(np.hypot(unit[..., 0], unit[..., 1]), unit[..., 2])
    return azimuth, polar


def from_angles(azimuth: FloatArray, polar: FloatArray, radius: FloatArray, frame: Frame) -> FloatArray:
    """States, (n, 3), of spherical coordinates, each (n,); the inverse of `to_angles`."""
    planar = np.sin(polar)
    unit = np.stack([planar * np.cos(azimuth), planar * np.sin(azimuth), np.cos(polar)], axis=-1)
    return np.asarray(radius[..., None] * (unit @ frame.rotation))


def wrapped_difference(a: FloatArray, b: FloatArray) -> FloatArray:
    """The turn a - b the short way round, in (-pi, pi].

    >>> float(wrapped_difference(np.array(3.0), np.array(-3.0)).round(3))
    -0.283
    """
    return np.asarray(np.pi - np.mod(np.pi - (a - b), 2 * np.pi))


def random_rotations(count: int, seed: int) -> FloatArray:
    """Rotations, (count, 3, 3), uniform over all of them (QR of Gaussian matrices with signs made unique)."""
    gaussian = np.random.default_rng(seed).standard_normal((count, 3, 3))
    q, r = np.linalg.qr(gaussian)
    q = q * np.sign(np.diagonal(r, axis1=1, axis2=2))[:, None, :]
    q[:, :, 0] *= np.linalg.det(q)[:, None]
    return np.asarray(q)


def fit_frame(states: FloatArray, seed: int = 0, candidates: int = 1_000) -> Frame:
    """The rotation in which the two angles are most nearly linear in the direction, out of random candidates.

    Seams break linearity exactly where customers cross them, so this keeps the azimuth's cut and the poles where fewest
    customers are, and serves the linear surrogate of the angles: chosen so, its R2 on test customers was as high as
    with the rotation chosen by the surrogate itself, at three columns in place of 97.

    Args:
        states: The training customers' last states, (n, 3).
        seed: Seed of the candidates and of the sample of customers.
        candidates: Number of rotations to try.

    Raises:
        ValueError: Fewer than five customers with a determined direction.
    """
    unit, determined = direction(states)
    unit = unit[determined]
    if len(unit) <= 4:  # noqa: PLR2004 - four coefficients fit four customers whatever the frame
        raise ValueError(f"the frame needs at least five customers with a direction, found {len(unit)}")
    if len(unit) > FRAME_SAMPLE:
        unit = unit[np.random.default_rng(seed).choice(len(unit), FRAME_SAMPLE, replace=False)]
    rotations = random_rotations(candidates, seed)
    basis, _ = np.linalg.qr(unit - unit.mean(axis=0))
    scores = [_linearity(unit @ rotation.T, basis) for rotation in rotations]
    return Frame(rotations[int(np.argmax(scores))])


def _linearity(unit: FloatArray, basis: FloatArray) -> float:
    """Mean R2 of azimuth and polar angle on the centred directions, given their orthonormal basis, (n, 3)."""
    angles = np.stack(_spherical(unit), axis=1)
    centred = angles - angles.mean(axis=0)
    total = np.square(centred).sum(axis=0)
    explained = np.square(basis.T @ centred).sum(axis=0)
    return float(np.divide(explained, total, out=np.zeros(2), where=total > 0).mean())
