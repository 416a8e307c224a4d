"""Two outcomes of the simulated customers, as predictable from traits, income and age as was measured elsewhere."""

from dataclasses import dataclass

import numpy as np

from model.simulation.lives import TRAIT_CORRELATIONS, Population
from model.types import BoolArray

ROOT_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Effects:
    """Log-odds per standard deviation of a yes/no outcome, and how often it is yes."""

    traits: tuple[float, float, float, float, float]
    income: float
    age: float
    base_rate: float


# Trait effects and base rates as measured; income and age are set so that they add what was measured (AUC .64 -> .69).
BAD_LOAN = Effects((0.04, -0.25, 0.19, 0.14, 0.48), income=-0.35, age=-0.25, base_rate=0.048)
# As above (AUC .62 -> .81): able to cover an unexpected expense of 2,000 dollars.
COVERS_2000 = Effects((0.0, 0.21, 0.0, 0.0, -0.37), income=1.15, age=0.65, base_rate=0.73)


def draw_label(rng: np.random.Generator, population: Population, effects: Effects) -> BoolArray:
    """Draw a yes/no outcome from traits, income and age by a logistic model.

    Args:
        rng: Source of randomness.
        population: N customers; traits at the start count.
        effects: Log-odds per standard deviation and the base rate.

    Returns:
        The outcome (N,).
    """
    age = (population.age - 47) / 16
    pull = population.traits @ np.array(effects.traits) + effects.income * population.income + effects.age * age
    weights = np.array(effects.traits)
    spread = np.sqrt(weights @ TRAIT_CORRELATIONS @ weights + effects.income**2 + effects.age**2)
    odds = logistic_intercept(effects.base_rate, float(spread)) + pull
    return np.asarray(rng.random(len(odds)) < 1 / (1 + np.exp(-odds)))


def logistic_intercept(base_rate: float, spread: float) -> float:
    """Find the intercept that gives a base rate when the log-odds are normal with a known spread.

    Args:
        base_rate: Mean probability wanted.
        spread: Standard deviation of the log-odds.

    Returns:
        The intercept, to ROOT_TOLERANCE.

    >>> round(logistic_intercept(0.5, 2.0), 6) == 0
    True
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(41)
    low, high = -30.0, 30.0
    while high - low > ROOT_TOLERANCE:
        middle = (low + high) / 2
        rate = float(weights @ (1 / (1 + np.exp(-(middle + spread * nodes)))) / weights.sum())
        low, high = (middle, high) if rate < base_rate else (low, middle)
    return (low + high) / 2
