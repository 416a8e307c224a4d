"""From published figures to the generator's parameters."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.simulation.calibration import SEASONS, never_shares, season_table, structure_of
from tests.model.simulation.simulated import some_calibration


@given(st.floats(0.0, 0.99), st.floats(0.01, 200.0), st.sampled_from([14.0, 365.0]))
@settings(deadline=None)
def test_chance_and_abstention_together_explain_the_zeros(zero_share: float, tickets: float, window: float) -> None:
    never = float(never_shares(np.array([zero_share]), np.array([tickets]), np.array([window]))[0])
    by_chance = np.exp(-tickets * window / 365)
    explained = never + (1 - never) * np.exp(-tickets / (1 - never) * window / 365)
    assert 0 <= never <= zero_share
    if by_chance < zero_share - 1e-6:
        assert explained == pytest.approx(zero_share, abs=1e-6)
    if by_chance > zero_share:
        assert never == 0


def test_every_season_has_mean_one_and_an_unknown_one_is_named() -> None:
    assert np.allclose(season_table(list(SEASONS)).mean(axis=0), 1)
    with pytest.raises(ValueError, match="unknown season 'monsoon'"):
        season_table(["flat", "monsoon"])


def test_coefficients_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="10 classes"):
        structure_of(some_calibration(), np.zeros((9, 5)))
