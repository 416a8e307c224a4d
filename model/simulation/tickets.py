"""One month of the simulated bank: how many tickets, when, how much, under which code.

A slot is a place of origin of a row: slots 0..C-1 are the spending classes, slot C is income, slot C+1 own-account
transfers. Amounts are in cents, signed as the bank books them: money out is negative.
"""

from dataclasses import dataclass

import numpy as np

from model.simulation.calibration import Calibration
from model.simulation.levels import YearPlan
from model.simulation.lives import BankParameters, Lives
from model.types import BoolArray, IntArray

SECONDS_PER_DAY = 86_400
REFUND_DAYS = 14
# A purchase above this is a fault of the tail of a lognormal, not of a household (cents).
LARGEST_TICKET = 20_000_000
# Authored: pay varies a little from month to month, and three transfers in four go out to savings.
PAY_LOG_SD = 0.03
TRANSFERS_OUT = 0.75


@dataclass(frozen=True)
class Month:
    """A calendar month: index from the first simulated month, calendar number 1..12, length in days."""

    index: int
    number: int
    days: int


@dataclass(frozen=True)
class Scene:
    """Who is on stage: a month, all lives, and the rows of the lives to draw (B,)."""

    month: Month
    lives: Lives
    active: IntArray


@dataclass(frozen=True)
class CodeRanges:
    """Where each slot's codes stand in the list of all codes.

    Attributes:
        first: Position of the slot's first code (S,).
        count: Number of its codes, at least one (S,).
        unknown: Position of a code that no reference set knows.
    """

    first: IntArray
    count: IntArray
    unknown: int


@dataclass(frozen=True)
class Tickets:
    """Rows of one month (R,).

    Attributes:
        customer: Row of the customer in the population.
        slot: Class, C for income, C + 1 for transfers.
        second: Seconds since the start of the month.
        cents: Signed amount.
    """

    customer: IntArray
    slot: IntArray
    second: IntArray
    cents: IntArray


def join_tickets(parts: list[Tickets]) -> Tickets:
    """Concatenate rows.

    Args:
        parts: At least one set of rows.

    Returns:
        All rows, in the order given.
    """
    return Tickets(*(np.concatenate([getattr(part, name) for part in parts]) for name in Tickets.__annotations__))


def sort_tickets(tickets: Tickets) -> Tickets:
    """Put rows in the order of booking; rows of one second keep the order they were drawn in.

    Args:
        tickets: Rows of one month.

    Returns:
        The same rows, sorted.
    """
    order = np.argsort(tickets.second, kind="stable")
    return Tickets(*(getattr(tickets, name)[order] for name in Tickets.__annotations__))


def draw_tickets(
    rng: np.random.Generator, scene: Scene, plan: YearPlan, calibration: Calibration, parameters: BankParameters
) -> Tickets:
    """Draw the purchases and regular payments of some lives in one month.

    Args:
        rng: Source of randomness.
        scene: The month and the lives.
        plan: The year of all lives.
        calibration: Season and rhythm of C classes.
        parameters: Spread of a customer's activity between months.

    Returns:
        Rows with negative amounts, by life and class.
    """
    slot, life = _draw_counts(rng, scene, plan, calibration, parameters.month_log_sd)
    noise = plan.ticket_log_sd[slot] * rng.standard_normal(len(slot))
    cents = np.rint(100 * np.exp(plan.ticket_log_median[life, slot] + noise))
    customer = scene.lives.customer[life]
    second = _seconds(rng, customer, slot, calibration.regular, scene.month.days)
    return Tickets(customer, slot, second, -np.clip(cents, 1, LARGEST_TICKET).astype(np.int64))


def _draw_counts(
    rng: np.random.Generator, scene: Scene, plan: YearPlan, calibration: Calibration, mood_log_sd: float
) -> tuple[IntArray, IntArray]:
    """Class and life of each ticket: one for a regular payment, a Poisson number for the rest."""
    mood = np.exp(mood_log_sd * rng.standard_normal(len(scene.active)) - mood_log_sd**2 / 2)
    expected = plan.monthly_tickets[scene.active]
    counts = rng.poisson(expected * calibration.season[scene.month.number - 1] * mood[:, None])
    counts[:, calibration.regular] = expected[:, calibration.regular] > 0
    row, column = np.nonzero(counts)
    repeats = counts[row, column]
    return np.repeat(column, repeats), np.repeat(scene.active[row], repeats)


def _seconds(rng: np.random.Generator, customer: IntArray, slot: IntArray, regular: BoolArray, days: int) -> IntArray:
    """Any day between 7:00 and 23:00; regular payments at 6:00 of the customer's own day among the first five."""
    day = rng.integers(0, days, len(slot))
    second = rng.triangular(7 * 3600, 18 * 3600, 23 * 3600, len(slot)).astype(np.int64)
    fixed = (customer + slot) % 5 * SECONDS_PER_DAY + 6 * 3600
    return np.where(regular[slot], fixed, day * SECONDS_PER_DAY + second)


def draw_refunds(rng: np.random.Generator, tickets: Tickets, month: Month, regular: BoolArray, share: float) -> Tickets:
    """Give back some purchases in full within the month.

    Args:
        rng: Source of randomness.
        tickets: Purchases of the month.
        month: The month.
        regular: Classes that are never refunded (C,).
        share: Refunds per purchase.

    Returns:
        Rows with positive amounts under the purchase's class, up to REFUND_DAYS later and before the month ends.
    """
    chosen = np.flatnonzero((rng.random(len(tickets.slot)) < share) & ~regular[tickets.slot])
    left = month.days * SECONDS_PER_DAY - 1 - tickets.second[chosen]
    wait = rng.random(len(chosen)) * np.minimum(left, REFUND_DAYS * SECONDS_PER_DAY)
    second = tickets.second[chosen] + wait.astype(np.int64)
    return Tickets(tickets.customer[chosen], tickets.slot[chosen], second, -tickets.cents[chosen])


def draw_income(rng: np.random.Generator, scene: Scene, slot: int, mean: float, log_sd: float) -> Tickets:
    """Pay everyone once, on one of the last five days.

    Args:
        rng: Source of randomness.
        scene: The month and the lives.
        slot: Slot of income.
        mean: Mean monthly income, EUR.
        log_sd: Log-sd of income across customers.

    Returns:
        One row with a positive amount per life.
    """
    customer = scene.lives.customer[scene.active]
    log_income = np.log(mean) + log_sd * scene.lives.income[scene.active] - log_sd**2 / 2
    cents = np.rint(100 * np.exp(log_income + PAY_LOG_SD * rng.standard_normal(len(customer)))).astype(np.int64)
    second = (scene.month.days - 1 - customer % 5) * SECONDS_PER_DAY + 5 * 3600
    return Tickets(customer, np.full(len(customer), slot), second, np.maximum(cents, 1))


def draw_transfers(rng: np.random.Generator, scene: Scene, slot: int, mean: float) -> Tickets:
    """Move money between a customer's own accounts, in either direction.

    Args:
        rng: Source of randomness.
        scene: The month and the lives.
        slot: Slot of transfers.
        mean: Mean transfers per life.

    Returns:
        Rows of 50, 100, ... 1,000 EUR.
    """
    customer = np.repeat(scene.lives.customer[scene.active], rng.poisson(mean, len(scene.active)))
    sign = np.where(rng.random(len(customer)) < TRANSFERS_OUT, -1, 1)
    cents = sign * 5_000 * rng.integers(1, 21, len(customer))
    second = rng.integers(0, scene.month.days * SECONDS_PER_DAY, len(customer))
    return Tickets(customer, np.full(len(customer), slot), second, cents)


def draw_codes(rng: np.random.Generator, slot: IntArray, ranges: CodeRanges, unknown_share: float) -> IntArray:
    """Choose a source code for each row; a slot's first codes are used most.

    Args:
        rng: Source of randomness.
        slot: Slot of each row (R,).
        ranges: Where each slot's codes stand.
        unknown_share: How often a code is used that no reference set knows.

    Returns:
        Positions in the list of all codes (R,).
    """
    place = (rng.random(len(slot)) ** 3 * ranges.count[slot]).astype(np.int64)
    return np.where(rng.random(len(slot)) < unknown_share, ranges.unknown, ranges.first[slot] + place)
