"""The people of the simulated bank."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.simulation.lives import (
    NEVER,
    TRAIT_CORRELATIONS,
    BankParameters,
    Population,
    draw_new_traits,
    draw_population,
    draw_traits,
    lives_of,
)
from tests.model.simulation.simulated import PLAIN

SEEDS = st.integers(0, 2**32)


def test_the_trait_correlations_are_a_correlation_matrix_and_come_out_of_the_draws() -> None:
    assert np.linalg.eigvalsh(TRAIT_CORRELATIONS).min() > 0.1
    assert np.array_equal(TRAIT_CORRELATIONS, TRAIT_CORRELATIONS.T)
    drawn = draw_traits(np.random.default_rng(3), 40_000)
    assert np.abs(np.corrcoef(drawn.T) - TRAIT_CORRELATIONS).max() < 0.02
    assert np.abs(drawn.std(axis=0) - 1).max() < 0.02


@given(SEEDS, st.integers(1, 60))
@settings(deadline=None)
def test_a_new_life_has_another_dominant_trait(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    before = draw_traits(rng, count)
    assert (draw_new_traits(rng, before).argmax(axis=1) != before.argmax(axis=1)).all()


@given(SEEDS, st.integers(1, 80), st.integers(1, 6))
@settings(max_examples=40, deadline=None)
def test_lives_cover_each_customers_months_once(seed: int, customers: int, years: int) -> None:
    everyone_moves = BankParameters(switch_share=0.5, late_share=0.5, stop_share=0.5)
    people = draw_population(np.random.default_rng(seed), customers, years, everyone_moves)
    lives = lives_of(people)
    assert (people.first_month >= 0).all()
    assert (people.first_month < people.end_month).all()
    assert (people.end_month <= 12 * years).all()
    assert (lives.start < lives.stop).all()
    covered = np.zeros((customers, 12 * years), dtype=np.int64)
    for customer, start, stop in zip(lives.customer, lives.start, lives.stop, strict=True):
        covered[customer, start:stop] += 1
    month = np.arange(12 * years)
    active = (people.first_month[:, None] <= month) & (month < people.end_month[:, None])
    assert np.array_equal(covered, active.astype(np.int64))


def test_shares_of_switchers_late_joiners_and_leavers_are_the_parameters() -> None:
    parameters = BankParameters(switch_share=0.04, late_share=0.10, stop_share=0.06)
    people = draw_population(np.random.default_rng(2), 20_000, 6, parameters)
    switched = people.switch_month != NEVER
    assert switched.mean() == pytest.approx(0.04, abs=0.006)
    assert (people.first_month >= 12).mean() == pytest.approx(0.10, abs=0.01)
    assert (people.end_month < 72).mean() == pytest.approx(0.06, abs=0.015)
    assert (people.traits[switched].argmax(axis=1) != people.traits_after[switched].argmax(axis=1)).all()
    assert np.array_equal(people.traits[~switched], people.traits_after[~switched])


@pytest.mark.parametrize(("customers", "years"), [(0, 1), (1, 0), (-3, 6)])
def test_an_empty_bank_is_refused(customers: int, years: int) -> None:
    with pytest.raises(ValueError, match="at least 1 customer"):
        draw_population(np.random.default_rng(0), customers, years, PLAIN)


def test_the_population_is_a_function_of_the_seed() -> None:
    def draw(seed: int) -> Population:
        return draw_population(np.random.default_rng(seed), 50, 3, BankParameters())

    assert np.array_equal(draw(1).traits, draw(1).traits)
    assert not np.array_equal(draw(1).traits, draw(2).traits)
