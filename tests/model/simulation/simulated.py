"""A small bank of ten classes for the simulator's tests."""

import numpy as np

from model.simulation.calibration import Calibration, Structure, season_table, structure_of
from model.simulation.lives import (
    BankParameters,
    Lives,
    draw_population,
    lives_of,
)
from model.types import FloatArray

PLAIN = BankParameters(switch_share=0.0, late_share=0.0, stop_share=0.0)
CLASSES = 10


def some_calibration() -> Calibration:
    """Ten classes between a weekly shop and a rare flight; two of them are paid monthly."""
    return Calibration(
        level=np.array([4000, 1500, 900, 600, 300, 250, 120, 60, 700, 450], dtype=np.float64),
        zero_share=np.array([0.01, 0.30, 0.40, 0.55, 0.60, 0.75, 0.80, 0.88, 0.70, 0.05]),
        log_sd=np.array([0.7, 1.0, 1.2, 1.4, 1.3, 1.5, 1.6, 1.6, 0.6, 0.5]),
        window_days=np.array([14, 14, 14, 14, 14, 14, 14, 14, 365, 365], dtype=np.float64),
        ticket_median=np.array([25, 18, 10, 30, 25, 30, 25, 40, 190, 40], dtype=np.float64),
        ticket_log_sd=np.array([1.0, 0.9, 0.8, 1.0, 1.0, 0.9, 0.9, 1.0, 0.05, 0.1]),
        regular=np.array([False] * 8 + [True] * 2),
        season=season_table(["flat", "flat", "gifts", "summer", "school", "flat", "winter", "summer", "flat", "flat"]),
    )


def some_coefficients() -> FloatArray:
    rng = np.random.default_rng(5)
    table = rng.integers(-3, 4, (CLASSES, 5)).astype(np.float64)
    table[6] = 0.0
    return table


def some_people(count: int, seed: int = 1, parameters: BankParameters = PLAIN) -> Lives:
    return lives_of(draw_population(np.random.default_rng(seed), count, 2, parameters))


def some_structure() -> Structure:
    return structure_of(some_calibration(), some_coefficients())
