"""How much each life spends in each class: calibrated levels, who spends at all, lasting tastes, yearly drift.

The log of a life's yearly spend in a class is
    log level + income effect + spread x (strength x pull of the traits + rest x (lasting taste + drifting taste)),
a mean-one factor on the level of those who spend in the class. Most of that factor makes tickets more frequent and the
rest makes them larger, except for regular payments, which stay one a month.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from model.simulation.calibration import SMALLEST_SPREAD, Structure
from model.simulation.lives import MONTHS, BankParameters, Lives
from model.types import BoolArray, Float32Array, FloatArray

# Authored: how much of a life's log level shows in how often it buys; the rest shows in the size of a ticket.
FREQUENCY_SHARE = 0.75


@dataclass(frozen=True)
class Tastes:
    """What a life carries through the years (L, C): whether it spends in a class, lasting and drifting taste."""

    spends: BoolArray
    lasting: Float32Array
    drifting: Float32Array


@dataclass(frozen=True)
class YearPlan:
    """One year of every life (L, C).

    Attributes:
        monthly_tickets: Expected tickets in an even month.
        ticket_log_median: Log of the life's median ticket, EUR.
        ticket_log_sd: Log-sd of a ticket within one life and class (C,).
    """

    monthly_tickets: Float32Array
    ticket_log_median: Float32Array
    ticket_log_sd: FloatArray


def draw_tastes(rng: np.random.Generator, lives: Lives, structure: Structure, parameters: BankParameters) -> Tastes:
    """Draw what a life carries through the years.

    A second life keeps its customer's chance of spending in a class (a pet, a car), turned by the new traits, and gets
    lasting tastes of its own.

    Args:
        rng: Source of randomness.
        lives: L lives.
        structure: C classes.
        parameters: Strength of the traits.

    Returns:
        Tastes (L, C), the drift of the year before the first.
    """
    shape = (len(lives.customer), len(structure.spread))
    customers = int(lives.customer.max()) + 1
    luck = rng.standard_normal((customers, shape[1]), dtype=np.float32)[lives.customer]
    strength = _strengths(structure, parameters.ownership_strength)
    standing = strength * (lives.traits @ structure.pull.T).astype(np.float32) + np.sqrt(1 - strength**2) * luck
    lasting = rng.standard_normal(shape, dtype=np.float32)
    return Tastes(
        standing > np.array(_thresholds(structure), dtype=np.float32),
        lasting,
        rng.standard_normal(shape, dtype=np.float32),
    )


def drift(rng: np.random.Generator, tastes: Tastes, parameters: BankParameters) -> Tastes:
    """Move the drifting tastes on by one year, AR(1) with unit variance.

    Args:
        rng: Source of randomness.
        tastes: Tastes of the year before.
        parameters: Memory of the drift.

    Returns:
        Tastes of the new year; what lasts is shared, not copied.
    """
    news = rng.standard_normal(tastes.drifting.shape, dtype=np.float32)
    memory = np.float32(parameters.drift_memory)
    return Tastes(tastes.spends, tastes.lasting, memory * tastes.drifting + np.sqrt(1 - memory**2) * news)


def plan_year(
    lives: Lives, tastes: Tastes, structure: Structure, regular: BoolArray, parameters: BankParameters
) -> YearPlan:
    """Turn tastes into expected tickets and ticket sizes.

    Args:
        lives: L lives.
        tastes: Tastes of the year (L, C).
        structure: C classes.
        regular: Classes paid once a month (C,).
        parameters: Strengths, shares and the income effect.

    Returns:
        The year's plan; over many lives the expected spend per class is the calibrated level.
    """
    factor = log_factors(lives, tastes, structure, parameters)
    share = np.where(regular, 0.0, FREQUENCY_SHARE).astype(np.float32)
    own, income = _spreads(structure, parameters)
    # A share of a mean-one log-normal factor has mean exp(-share (1 - share) variance / 2): moved from size to number.
    balance = share * (1 - share) / 2 * (own**2 + income**2)
    frequency = share * factor + balance
    tickets = np.where(tastes.spends, np.exp(frequency) * (structure.tickets / MONTHS).astype(np.float32), 0)
    median = structure.ticket_log_mean - structure.ticket_log_sd**2 / 2
    return YearPlan(tickets.astype(np.float32), factor - frequency + median.astype(np.float32), structure.ticket_log_sd)


def log_factors(lives: Lives, tastes: Tastes, structure: Structure, parameters: BankParameters) -> Float32Array:
    """Log of each life's yearly spend relative to the mean of those who spend in the class.

    Args:
        lives: L lives.
        tastes: Tastes of the year (L, C).
        structure: C classes.
        parameters: Strengths, shares and the income effect.

    Returns:
        Natural logarithms whose exponentials have mean one over those who spend in the class (L, C).
    """
    strength = _strengths(structure, parameters.trait_strength)
    fixed = np.float32(parameters.fixed_share)
    taste: Float32Array = np.sqrt(fixed) * tastes.lasting + np.sqrt(1 - fixed) * tastes.drifting
    taste *= np.sqrt(1 - strength**2)
    taste += strength * (lives.traits @ structure.pull.T).astype(np.float32)
    own, income = _spreads(structure, parameters)
    taste *= own
    taste += (income * lives.income).astype(np.float32)[:, None]
    taste -= (own**2 + income**2) / 2 + _selection(structure, own, parameters)
    return taste


def _selection(structure: Structure, own: Float32Array, parameters: BankParameters) -> Float32Array:
    """Log of what those who spend exceed everyone by, because the same traits draw people in and make them spend (C,).

    With covariance d between log spend and a normal standing that must exceed q: Phi(d - q) / Phi(-q).
    """
    pulls = _strengths(structure, parameters.trait_strength) * _strengths(structure, parameters.ownership_strength)
    normal = NormalDist()
    ratios = [
        normal.cdf(covariance - threshold) / normal.cdf(-threshold)
        for covariance, threshold in zip((pulls * own).tolist(), _thresholds(structure), strict=True)
    ]
    return np.log(ratios).astype(np.float32)


def _thresholds(structure: Structure) -> list[float]:
    """What a standard normal standing must exceed to spend in the class at all (C,)."""
    # Eight standard deviations stand for certainty: nobody of any simulated bank lies beyond.
    return [NormalDist().inv_cdf(share) if share > 0 else -8.0 for share in structure.never_share]


def _spreads(structure: Structure, parameters: BankParameters) -> tuple[Float32Array, np.float32]:
    """Log-sd of yearly spend from tastes (C,), and from income."""
    income = np.float32(parameters.income_elasticity * parameters.income_log_sd)
    own = np.sqrt(np.maximum(structure.spread**2 - income**2, SMALLEST_SPREAD**2 / 2))
    return own.astype(np.float32), income


def _strengths(structure: Structure, strength: float) -> Float32Array:
    """The traits' strength per class, zero where the class has no coefficient (C,)."""
    return np.where(np.any(structure.pull != 0, axis=1), strength, 0.0).astype(np.float32)
