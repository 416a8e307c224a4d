"""What the study is made from: a simulated bank below the home, with its truth, made once."""

from datetime import date

import pytest

import tasks.study.prepare
from tasks.study.prepare import prepare_simulated
from warehouse.connection import connect
from warehouse.settings import Settings

pytestmark = pytest.mark.warehouse


def test_a_simulated_bank_is_made_once_and_knows_its_truth(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks.study.prepare, "YEARS", 1)
    own, as_of, truth = prepare_simulated(settings, 12, seed=3)
    assert as_of == date(2025, 12, 31)
    assert own.home.is_relative_to(settings.home)
    made = truth.stat()
    assert prepare_simulated(settings, 12, seed=3) == (own, as_of, truth)
    assert truth.stat() == made
    with connect(own, read_only=True) as connection:
        periods = connection.execute("SELECT DISTINCT as_of FROM spend.by_period").fetchall()
    assert periods == [(as_of,)]
