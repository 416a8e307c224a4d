"""A month's tickets, refunds, codes and order."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from model.simulation.levels import draw_tastes, plan_year
from model.simulation.tickets import (
    CodeRanges,
    Month,
    Scene,
    Tickets,
    draw_codes,
    draw_refunds,
    draw_tickets,
    sort_tickets,
)
from tests.model.simulation.simulated import PLAIN, some_calibration, some_people, some_structure

SEEDS = st.integers(0, 2**32)


@given(SEEDS, st.sampled_from([28, 29, 30, 31]))
@settings(max_examples=20, deadline=None)
def test_tickets_of_a_month_lie_in_it_and_belong_to_active_lives(seed: int, days: int) -> None:
    calibration, structure, lives = some_calibration(), some_structure(), some_people(30)
    rng = np.random.default_rng(seed)
    tastes = draw_tastes(rng, lives, structure, PLAIN)
    plan = plan_year(lives, tastes, structure, calibration.regular, PLAIN)
    month, active = Month(1, 2, days), np.array([3, 7, 20])
    tickets = draw_tickets(rng, Scene(month, lives, active), plan, calibration, PLAIN)
    assert set(tickets.customer) <= {3, 7, 20}
    assert (tickets.second >= 0).all()
    assert (tickets.second < days * 86_400).all()
    assert (tickets.cents < 0).all()
    regular, counts = tickets.slot >= 8, np.zeros((30, 2), dtype=np.int64)
    np.add.at(counts, (tickets.customer[regular], tickets.slot[regular] - 8), 1)
    assert np.array_equal(counts[active], tastes.spends[active][:, 8:].astype(np.int64))


@given(SEEDS)
@settings(max_examples=30, deadline=None)
def test_refunds_give_back_earlier_purchases_in_full_and_never_regular_payments(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = 400
    tickets = Tickets(
        np.arange(rows), rng.integers(0, 4, rows), rng.integers(0, 30 * 86_400, rows), -rng.integers(1, 9_999, rows)
    )
    refunds = draw_refunds(rng, tickets, Month(0, 1, 30), np.array([False, False, True, False]), 0.3)
    assert (refunds.slot != 2).all()
    assert np.array_equal(refunds.cents, -tickets.cents[refunds.customer])
    assert (refunds.second >= tickets.second[refunds.customer]).all()
    assert (refunds.second < 30 * 86_400).all()
    assert len(refunds.slot) > 0


@given(SEEDS, st.floats(0, 1))
@settings(deadline=None)
def test_codes_belong_to_the_slot_or_are_the_unknown_one(seed: int, unknown_share: float) -> None:
    ranges = CodeRanges(np.array([0, 3, 4]), np.array([3, 1, 6]), 10)
    slot = np.random.default_rng(seed).integers(0, 3, 200)
    codes = draw_codes(np.random.default_rng(seed), slot, ranges, unknown_share)
    own = (codes >= ranges.first[slot]) & (codes < ranges.first[slot] + ranges.count[slot])
    assert (own | (codes == 10)).all()
    assert abs((codes == 10).mean() - unknown_share) < 0.2


@given(st.lists(st.integers(0, 5), min_size=1, max_size=40))
@settings(deadline=None)
def test_sorting_keeps_the_order_within_a_second(seconds: list[int]) -> None:
    number = np.arange(len(seconds))
    done = sort_tickets(Tickets(number, number, np.array(seconds), number))
    expected = sorted(range(len(seconds)), key=lambda row: (seconds[row], row))
    assert done.customer.tolist() == expected
    assert done.second.tolist() == sorted(seconds)
