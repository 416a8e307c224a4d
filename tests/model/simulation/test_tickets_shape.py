"""How much a month moves: means and days of tickets, income and transfers as they are documented."""

import numpy as np
import pytest

from model.simulation.levels import draw_tastes, plan_year
from model.simulation.tickets import (
    CodeRanges,
    Month,
    Scene,
    Tickets,
    draw_codes,
    draw_income,
    draw_refunds,
    draw_tickets,
    draw_transfers,
    join_tickets,
)
from tests.model.simulation.simulated import PLAIN, some_calibration, some_people, some_structure

PEOPLE, DAY = 4_000, 86_400


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene(Month(2, 3, 31), some_people(PEOPLE), np.arange(0, PEOPLE, 2))


def test_everybody_is_paid_once_in_the_last_days_of_the_month(scene: Scene) -> None:
    income = draw_income(np.random.default_rng(5), scene, slot=10, mean=3_000.0, log_sd=0.5)
    assert np.array_equal(income.customer, scene.lives.customer[scene.active])
    assert set(income.slot) == {10}
    assert (income.cents >= 1).all()
    assert set(income.second // DAY) == {26, 27, 28, 29, 30}
    assert set(income.second % DAY) == {5 * 3600}
    # The log-sd of income across customers is taken off the mean, the month's own spread is small.
    assert income.cents.mean() / 100 == pytest.approx(3_000, rel=0.05)
    assert np.corrcoef(np.log(income.cents), scene.lives.income[scene.active])[0, 1] > 0.9


def test_a_payment_below_a_cent_is_one_cent(scene: Scene) -> None:
    assert set(draw_income(np.random.default_rng(5), scene, 10, mean=1e-9, log_sd=0.0).cents) == {1}


def test_transfers_are_round_amounts_in_both_directions_all_month(scene: Scene) -> None:
    moved = draw_transfers(np.random.default_rng(5), scene, slot=11, mean=1.5)
    assert set(moved.customer) <= set(scene.lives.customer[scene.active])
    assert len(moved.cents) == pytest.approx(1.5 * len(scene.active), rel=0.05)
    assert set(np.abs(moved.cents)) == {5_000 * times for times in range(1, 21)}
    assert set(moved.slot) == {11}
    assert 0.5 < (moved.cents < 0).mean() < 1.0
    assert (moved.second.min(), moved.second.max()) >= (0, 0)
    assert len(set(moved.second // DAY)) == 31


def test_parts_are_joined_column_by_column_in_order() -> None:
    one, two = (Tickets(*(np.array([10 * part + column]) for column in range(4))) for part in (1, 2))
    joined = join_tickets([one, two])
    assert [column.tolist() for column in (joined.customer, joined.slot, joined.second, joined.cents)] == [
        [10, 20],
        [11, 21],
        [12, 22],
        [13, 23],
    ]


def test_a_month_brings_the_planned_tickets_whatever_the_mood(scene: Scene) -> None:
    calibration, structure = some_calibration(), some_structure()
    rng = np.random.default_rng(7)
    plan = plan_year(
        scene.lives, draw_tastes(rng, scene.lives, structure, PLAIN), structure, calibration.regular, PLAIN
    )
    tickets = draw_tickets(rng, scene, plan, calibration, PLAIN)
    free = ~calibration.regular
    planned = plan.monthly_tickets[scene.active].sum(axis=0) * calibration.season[scene.month.number - 1]
    drawn = np.bincount(tickets.slot, minlength=len(free))
    assert drawn[free].sum() == pytest.approx(planned[free].sum(), rel=0.05)
    fixed = calibration.regular[tickets.slot]
    assert set(tickets.second[fixed] // DAY) == {0, 1, 2, 3, 4}
    assert set(tickets.second[fixed] % DAY) == {6 * 3600}
    hours = tickets.second[~fixed] % DAY / 3600
    assert 7 <= hours.min() < hours.max() < 23
    assert np.median(hours) == pytest.approx(16.5, abs=0.35)  # of a triangle from 7 over 18 to 23


def test_first_codes_are_used_most_and_all_are_used() -> None:
    ranges = CodeRanges(np.array([0]), np.array([8]), 99)
    counts = np.bincount(
        draw_codes(np.random.default_rng(1), np.zeros(20_000, dtype=np.int64), ranges, 0.0), minlength=8
    )
    assert counts[0] / counts.sum() == pytest.approx(0.5, abs=0.02)  # the cube root of an eighth
    assert (np.diff(counts) < 0).all()
    assert counts[-1] > 0


def test_refunds_come_soon_but_seldom_at_once() -> None:
    rows = 5_000
    nothing = np.zeros(rows, dtype=np.int64)
    bought = Tickets(np.arange(rows), nothing, nothing, nothing - 100)
    refunds = draw_refunds(np.random.default_rng(1), bought, Month(0, 1, 31), np.array([False]), 1.0)
    assert len(refunds.second) == rows
    assert refunds.second.max() > 10 * DAY
    assert (refunds.second < 3600).mean() < 0.05
