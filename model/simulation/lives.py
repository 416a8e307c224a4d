"""The people of the simulated bank: latent Big Five, and when each joins, leaves and changes.

Everything here is an assumption of ours or a published figure named beside it; none of it is a finding. Traits are in
the order O, C, E, A, N and in standard deviations. Months are counted from 0, the first simulated month.
"""

from dataclasses import dataclass

import numpy as np

from model.types import FloatArray, IntArray

NEVER = -1
MONTHS = 12

# 3,892 US adults (Greene, Shy & Stavins); pairs not listed there are taken as uncorrelated. Order O, C, E, A, N.
TRAIT_CORRELATIONS: FloatArray = np.array(
    [
        [1.00, 0.00, 0.27, 0.00, 0.00],
        [0.00, 1.00, 0.22, 0.39, -0.42],
        [0.27, 0.22, 1.00, 0.00, -0.26],
        [0.00, 0.39, 0.00, 1.00, -0.40],
        [0.00, -0.42, -0.26, -0.40, 1.00],
    ]
)


@dataclass(frozen=True)
class BankParameters:
    """What a simulated bank is made of; the defaults are documented in docs/simulator.md.

    Attributes:
        trait_strength: Correlation, within a class that has coefficients, of the traits' pull and log spending.
        ownership_strength: The same for whether a customer spends in a class at all.
        fixed_share: Share of the remaining taste variance that never changes; the rest drifts.
        drift_memory: Correlation of the drifting part from one year to the next (AR(1)).
        income_log_sd: Spread of household income, natural logarithm.
        income_elasticity: Log spending per unit of log income.
        month_log_sd: Spread of a customer's general activity from month to month, natural logarithm.
        switch_share: Share of customers whose traits and tastes change for life, once.
        late_share: Share of customers who join after the first year.
        stop_share: Share of customers who leave before the end.
        refund_share: Refunds per purchase.
        unknown_share: Rows whose code is in no reference set.
        transfers_per_month: Own-account transfers per customer and month.
    """

    trait_strength: float = 0.30
    ownership_strength: float = 0.20
    fixed_share: float = 0.65
    drift_memory: float = 0.50
    income_log_sd: float = 0.45
    income_elasticity: float = 0.80
    month_log_sd: float = 0.20
    switch_share: float = 0.04
    late_share: float = 0.10
    stop_share: float = 0.06
    refund_share: float = 0.01
    unknown_share: float = 0.001
    transfers_per_month: float = 0.6


@dataclass(frozen=True)
class Population:
    """The customers, one row each (N,).

    Attributes:
        traits: Latent Big Five at the start (N, 5).
        traits_after: Latent Big Five after the change (N, 5); equal to `traits` for those who never change.
        switch_month: First month of the new life, NEVER for none (N,).
        first_month: First active month (N,).
        end_month: One past the last active month (N,).
        income: Standardised log income (N,).
        age: Years (N,).
    """

    traits: FloatArray
    traits_after: FloatArray
    switch_month: IntArray
    first_month: IntArray
    end_month: IntArray
    income: FloatArray
    age: IntArray


@dataclass(frozen=True)
class Lives:
    """A life is a customer while nothing fundamental changes: all first lives, then the second lives (L >= N).

    Attributes:
        customer: Row of the customer in the population (L,).
        start: First month (L,).
        stop: One past the last month (L,).
        traits: Latent Big Five (L, 5).
        income: Standardised log income (L,).
    """

    customer: IntArray
    start: IntArray
    stop: IntArray
    traits: FloatArray
    income: FloatArray


def draw_traits(rng: np.random.Generator, count: int) -> FloatArray:
    """Draw latent Big Five scores.

    Args:
        rng: Source of randomness.
        count: Number of people.

    Returns:
        Standard deviations from the mean, (count, 5), correlated as in TRAIT_CORRELATIONS.
    """
    independent = rng.standard_normal((count, 5))
    return np.asarray(independent @ np.linalg.cholesky(TRAIT_CORRELATIONS).T)


def draw_new_traits(rng: np.random.Generator, before: FloatArray) -> FloatArray:
    """Draw the traits of a new life, whose dominant trait differs from the old one.

    Args:
        rng: Source of randomness.
        before: Old traits (N, 5).

    Returns:
        New traits (N, 5): the first of eight fresh draws that differs, else the old ones turned round.
    """
    draws = draw_traits(rng, 8 * len(before)).reshape(len(before), 8, 5)
    candidates = np.concatenate([draws, -before[:, None, :]], axis=1)
    differs = candidates.argmax(axis=2) != before.argmax(axis=1)[:, None]
    return np.asarray(candidates[np.arange(len(before)), differs.argmax(axis=1)])


def draw_population(rng: np.random.Generator, customers: int, years: int, parameters: BankParameters) -> Population:
    """Draw who the customers are, when they come and go, and who changes for life.

    Args:
        rng: Source of randomness.
        customers: Number of customers N.
        years: Simulated years.
        parameters: Shares of late joiners, leavers and switchers.

    Returns:
        The population; every customer is active for at least one month.

    Raises:
        ValueError: Fewer than one customer or year.
    """
    if customers < 1 or years < 1:
        raise ValueError(f"a simulated bank needs at least 1 customer and 1 year, got {customers} and {years}")
    months = MONTHS * years
    traits = draw_traits(rng, customers)
    first, end = _membership_months(rng, customers, months, parameters)
    switch = _switch_months(rng, first, end, parameters.switch_share)
    after = np.where((switch != NEVER)[:, None], draw_new_traits(rng, traits), traits)
    income = rng.standard_normal(customers)
    age = np.clip(np.rint(rng.normal(47, 16, customers)), 18, 95).astype(np.int64)
    return Population(traits, after, switch, first, end, income, age)


def _membership_months(
    rng: np.random.Generator, customers: int, months: int, parameters: BankParameters
) -> tuple[IntArray, IntArray]:
    """First and one-past-last active month; late joiners come after the first year, leavers go after one of theirs."""
    late = (rng.random(customers) < parameters.late_share) & (months > MONTHS)
    first = np.where(late, rng.integers(MONTHS, max(months, MONTHS + 1), customers), 0)
    leaves = rng.random(customers) < parameters.stop_share
    spare = np.maximum(months - first - MONTHS, 0)
    end = first + MONTHS + np.floor(rng.random(customers) * spare).astype(np.int64)
    return first, np.where(leaves & (end < months), end, months)


def _switch_months(rng: np.random.Generator, first: IntArray, end: IntArray, share: float) -> IntArray:
    """A month strictly inside the active months for a share of the customers, NEVER for the rest."""
    inside = np.maximum(end - first - 1, 0)
    month = first + 1 + np.floor(rng.random(len(first)) * inside).astype(np.int64)
    return np.where((rng.random(len(first)) < share) & (inside > 0), month, NEVER)


def lives_of(population: Population) -> Lives:
    """Split each customer at the change for life.

    Args:
        population: N customers.

    Returns:
        N first lives in customer order, then the second lives in customer order.
    """
    switched = np.flatnonzero(population.switch_month != NEVER)
    first_stop = np.where(population.switch_month == NEVER, population.end_month, population.switch_month)
    customer = np.concatenate([np.arange(len(population.income)), switched])
    return Lives(
        customer=customer,
        start=np.concatenate([population.first_month, population.switch_month[switched]]),
        stop=np.concatenate([first_stop, population.end_month[switched]]),
        traits=np.concatenate([population.traits, population.traits_after[switched]]),
        income=population.income[customer],
    )
