"""From published figures of spending to the parameters of the simulated bank's classes."""

from dataclasses import dataclass

import numpy as np

from model.simulation.lives import MONTHS, TRAIT_CORRELATIONS
from model.types import BoolArray, FloatArray

ROOT_TOLERANCE = 1e-9
DAYS_PER_YEAR = 365.0
SMALLEST_SPREAD, LARGEST_SPREAD = 0.30, 1.50
# Authored: published ticket spreads pool people and shops; this part of the variance is within one life and class.
WITHIN_SHARE = 0.50

# Months' share of a year relative to an even one, January first; authored, rescaled to mean 1.
SEASONS: dict[str, tuple[float, ...]] = {
    "flat": (1.0,) * 12,
    "summer": (0.6, 0.6, 0.8, 1.0, 1.0, 1.3, 1.9, 2.0, 1.0, 0.7, 0.5, 0.6),
    "gifts": (0.9, 0.7, 0.8, 0.8, 0.9, 0.9, 0.9, 0.7, 0.9, 0.9, 1.4, 2.2),
    "school": (0.9, 0.9, 0.9, 0.9, 0.9, 0.8, 0.5, 0.7, 2.2, 1.4, 1.0, 0.9),
    "winter": (1.6, 1.5, 1.2, 0.9, 0.7, 0.6, 0.6, 0.6, 0.7, 0.9, 1.2, 1.5),
}


@dataclass(frozen=True)
class Calibration:
    """Published (or authored) figures of C classes.

    Attributes:
        level: Mean spend per customer, EUR a year, over everyone (C,).
        zero_share: Share without any spend in `window_days` (C,).
        log_sd: Log-sd of yearly spend among those who spend (C,).
        window_days: Length of the observation behind `zero_share` and `log_sd` (C,).
        ticket_median: Median ticket, EUR (C,).
        ticket_log_sd: Log-sd of a ticket (C,).
        regular: One payment a month instead of tickets at random times (C,).
        season: Each month's factor, mean 1 over a year (12, C).
    """

    level: FloatArray
    zero_share: FloatArray
    log_sd: FloatArray
    window_days: FloatArray
    ticket_median: FloatArray
    ticket_log_sd: FloatArray
    regular: BoolArray
    season: FloatArray


@dataclass(frozen=True)
class Structure:
    """What follows from a calibration: C classes' parameters of the generator.

    Attributes:
        never_share: Share of lives that never spend in the class (C,).
        spread: Log-sd of yearly spend across lives that do, before ticket noise (C,).
        pull: Traits to class pull, unit variance over the population, zero without coefficients (C, 5).
        tickets: Mean tickets a year of those who spend (C,); 12 for regular payments.
        ticket_log_mean: Log of the mean ticket, EUR (C,).
        ticket_log_sd: Log-sd of a ticket within one life and class (C,).
    """

    never_share: FloatArray
    spread: FloatArray
    pull: FloatArray
    tickets: FloatArray
    ticket_log_mean: FloatArray
    ticket_log_sd: FloatArray


def season_table(names: list[str]) -> FloatArray:
    """Turn season names into monthly factors.

    Args:
        names: A key of SEASONS per class (C,).

    Returns:
        Factors with mean 1 over the year (12, C).

    Raises:
        ValueError: A name is unknown.
    """
    unknown = sorted(set(names) - set(SEASONS))
    if unknown:
        raise ValueError(f"unknown season '{unknown[0]}'; known are {', '.join(SEASONS)}")
    table = np.array([SEASONS[name] for name in names]).T
    return np.asarray(table / table.mean(axis=0))


def structure_of(calibration: Calibration, coefficients: FloatArray) -> Structure:
    """Derive the generator's parameters from published figures.

    Args:
        calibration: Figures of C classes.
        coefficients: Class x trait ratings (C, 5), order O, C, E, A, N.

    Returns:
        The structure.

    Raises:
        ValueError: Shapes differ.
    """
    if coefficients.shape != (len(calibration.level), 5):
        raise ValueError(
            f"coefficients are {coefficients.shape}, but the calibration has {len(calibration.level)} classes"
        )
    regular = calibration.regular
    mean_ticket = calibration.ticket_median * np.exp(calibration.ticket_log_sd**2 / 2)
    tickets = calibration.level / mean_ticket
    never = never_shares(calibration.zero_share, tickets, calibration.window_days)
    never = np.where(regular, calibration.zero_share, never)
    tickets = np.where(regular, float(MONTHS), tickets / (1 - never))
    within = calibration.ticket_log_sd * np.where(regular, 1.0, np.sqrt(WITHIN_SHARE))
    return Structure(
        never_share=never,
        spread=true_spread(calibration, tickets, within),
        pull=_unit_pull(coefficients),
        tickets=tickets,
        ticket_log_mean=np.log(calibration.level / (1 - never) / tickets),
        ticket_log_sd=within,
    )


def never_shares(zero_share: FloatArray, tickets: FloatArray, window_days: FloatArray) -> FloatArray:
    """Share of people who never spend, given the share without spend in a short window.

    A two-week diary shows no purchase for many who do buy: with n tickets a year on average, those who spend have
    n / (1 - p) of them, and zero_share = p + (1 - p) exp(-n / (1 - p) x window / 365). Solved for p by bisection.

    Args:
        zero_share: Share without spend in the window (C,).
        tickets: Mean tickets a year over everyone (C,).
        window_days: Days of the window (C,).

    Returns:
        p in [0, zero_share], 0 where chance alone explains the zeros (C,).
    """
    expected = tickets * window_days / DAYS_PER_YEAR
    low, high = np.zeros_like(zero_share), np.minimum(zero_share, 0.999)
    for _ in range(60):
        middle = (low + high) / 2
        zeros = middle + (1 - middle) * np.exp(-expected / (1 - middle))
        low, high = np.where(zeros < zero_share, middle, low), np.where(zeros < zero_share, high, middle)
    return np.where(low < ROOT_TOLERANCE, 0.0, low)


def true_spread(calibration: Calibration, tickets: FloatArray, ticket_log_sd: FloatArray) -> FloatArray:
    """Log-sd of yearly spend without the noise of a short observation.

    The log of a sum of k tickets has a variance of about log(1 + (exp(t^2) - 1) / k), plus log(1 + 1 / k) for a
    Poisson number of them; what is left of the published variance is people's own.

    Args:
        calibration: Figures of C classes.
        tickets: Tickets a year of those who spend (C,).
        ticket_log_sd: Log-sd of a ticket within one life and class (C,).

    Returns:
        Log-sd between SMALLEST_SPREAD and LARGEST_SPREAD (C,).
    """
    seen = np.maximum(tickets * calibration.window_days / DAYS_PER_YEAR, 1.0)
    noise = np.log1p(np.exp(ticket_log_sd**2) / seen)
    noise = np.where(calibration.regular, 0.0, noise)
    own = np.sqrt(np.maximum(calibration.log_sd**2 - noise, 0.0))
    return np.clip(own, SMALLEST_SPREAD, LARGEST_SPREAD)


def _unit_pull(coefficients: FloatArray) -> FloatArray:
    """Scale each class's coefficients so that their product with the traits has variance one; zero rows stay zero."""
    variance = np.einsum("ci,ij,cj->c", coefficients, TRAIT_CORRELATIONS, coefficients)
    scale = np.sqrt(np.where(variance > 0, variance, 1.0))
    return np.asarray(coefficients / scale[:, None])
