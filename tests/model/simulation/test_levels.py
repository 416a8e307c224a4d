"""Levels, tastes and their persistence."""

from dataclasses import replace

import numpy as np
import pytest

from model.simulation.calibration import Structure
from model.simulation.levels import draw_tastes, drift, log_factors, plan_year
from model.simulation.lives import (
    Lives,
)
from model.simulation.tickets import (
    Month,
    Scene,
    draw_tickets,
)
from model.types import FloatArray
from tests.model.simulation.simulated import CLASSES, PLAIN, some_calibration, some_people, some_structure


def test_expected_spend_of_a_year_is_the_calibrated_level() -> None:
    calibration, structure, lives = some_calibration(), some_structure(), some_people(40_000)
    tastes = draw_tastes(np.random.default_rng(2), lives, structure, PLAIN)
    plan = plan_year(lives, tastes, structure, calibration.regular, PLAIN)
    ticket = np.exp(plan.ticket_log_median + plan.ticket_log_sd**2 / 2)
    yearly = (12 * plan.monthly_tickets * ticket).mean(axis=0)
    assert np.abs(yearly / calibration.level - 1).max() < 0.08


def test_never_shares_come_out_of_the_tastes() -> None:
    structure, lives = some_structure(), some_people(20_000)
    tastes = draw_tastes(np.random.default_rng(2), lives, structure, PLAIN)
    assert np.abs((~tastes.spends).mean(axis=0) - structure.never_share).max() < 0.012


@pytest.mark.parametrize("strength", [0.0, 0.4, 0.8])
def test_never_shares_do_not_depend_on_the_strength_of_the_traits(strength: float) -> None:
    structure, lives = some_structure(), some_people(20_000)
    parameters = replace(PLAIN, ownership_strength=strength)
    tastes = draw_tastes(np.random.default_rng(2), lives, structure, parameters)
    assert np.abs((~tastes.spends).mean(axis=0) - structure.never_share).max() < 0.015


@pytest.mark.parametrize("elasticity", [0.0, 0.25, 0.5])
def test_yearly_spend_varies_as_calibrated_whatever_part_of_it_is_income(elasticity: float) -> None:
    parameters = replace(PLAIN, income_elasticity=elasticity)
    structure, lives = some_structure(), some_people(20_000)
    tastes = draw_tastes(np.random.default_rng(2), lives, structure, parameters)
    factors = log_factors(lives, tastes, structure, parameters)
    assert np.abs(factors.std(axis=0) / structure.spread - 1).max() < 0.03


@pytest.mark.parametrize("strength", [0.0, 0.3, 0.6])
def test_the_traits_pull_with_the_strength_asked_for(strength: float) -> None:
    parameters = replace(PLAIN, trait_strength=strength, income_elasticity=0.0)
    structure, lives = some_structure(), some_people(20_000)
    tastes = draw_tastes(np.random.default_rng(2), lives, structure, parameters)
    factors = log_factors(lives, tastes, structure, parameters)
    pull = lives.traits @ structure.pull.T
    for column in np.flatnonzero(structure.pull.any(axis=1)):
        assert np.corrcoef(factors[:, column], pull[:, column])[0, 1] == pytest.approx(strength, abs=0.03)


def test_drift_keeps_its_spread_and_remembers_as_told() -> None:
    structure, lives = some_structure(), some_people(5_000)
    before = draw_tastes(np.random.default_rng(2), lives, structure, PLAIN)
    after = drift(np.random.default_rng(3), before, replace(PLAIN, drift_memory=0.7))
    assert after.drifting.std() == pytest.approx(1, abs=0.01)
    assert np.corrcoef(before.drifting.ravel(), after.drifting.ravel())[0, 1] == pytest.approx(0.7, abs=0.02)
    assert after.lasting is before.lasting


def yearly_spend(rng: np.random.Generator, lives: Lives, structure: Structure, years: int) -> FloatArray:
    """Spend by year, life and class, through real tickets (years, L, C), EUR."""
    calibration, spend = some_calibration(), np.zeros((years, len(lives.customer), CLASSES))
    tastes = draw_tastes(rng, lives, structure, PLAIN)
    for year in range(years):
        tastes = drift(rng, tastes, PLAIN)
        plan = plan_year(lives, tastes, structure, calibration.regular, PLAIN)
        for number in range(1, 13):
            scene = Scene(Month(12 * year + number - 1, number, 30), lives, np.arange(len(lives.customer)))
            tickets = draw_tickets(rng, scene, plan, calibration, PLAIN)
            np.add.at(spend[year], (tickets.customer, tickets.slot), -tickets.cents / 100)
    return spend


def test_yearly_shares_persist_by_half_to_four_fifths() -> None:
    spend = yearly_spend(np.random.default_rng(4), some_people(1_500), some_structure(), 2)
    shares = spend / spend.sum(axis=2, keepdims=True)
    kept = [np.corrcoef(shares[0, :, column], shares[1, :, column])[0, 1] for column in range(CLASSES)]
    assert 0.5 < float(np.median(kept)) < 0.8
    assert min(kept) > 0.1
