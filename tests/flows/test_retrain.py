"""The retrain flow and its way back: a worse challenger changes nothing, a promotion moves everything and returns."""

import re
from datetime import date
from typing import Any

import numpy as np
import pytest

from flows.cli import main
from flows.nightly import nightly
from flows.retrain import retrain
from model.network import Training, train
from model.types import BoolArray, FloatArray
from tasks.publishing.decision_tables import MOVERS, in_full
from tests.flows.banks import Bank
from tests.flows.progress_bars import newest_bars
from warehouse.errors import MicrosegError

pytestmark = [pytest.mark.flow, pytest.mark.timeout(600), pytest.mark.usefixtures("without_gates")]
OCTOBER, NOVEMBER = date(2025, 10, 31), date(2025, 11, 30)
LAYERS = ("raw", "spend", "features", "segments")
CHAMPION = "SELECT model_version FROM models.versions WHERE alias = 'champion'"


def test_on_fresh_data_segments_stay_or_promotion_is_refused_with_the_reason(bank: Bank) -> None:
    champion = bank.value(CHAMPION)
    nightly(NOVEMBER)
    decision = retrain(NOVEMBER)
    assert newest_bars()["retrain"] == 100.0  # though it stopped early
    assert decision.promoted == (bank.value(CHAMPION) != champion)
    assert decision.agreement >= 0.9 or (not decision.promoted and "keep their segment" in decision.reason)


def test_a_challenger_of_shuffled_targets_is_refused_and_nothing_moves(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.science.train.train", train_on_other_peoples_targets)
    before, champion = bank.checksums(LAYERS), bank.value(CHAMPION)
    decision = retrain(OCTOBER)
    assert not decision.promoted
    assert "trait_r2 falls" in decision.reason
    assert (bank.checksums(LAYERS), bank.value(CHAMPION)) == (before, champion)


@pytest.mark.usefixtures("short_retraining")
def test_roll_back_restores_the_tables_of_before_exactly(bank: Bank, capsys: pytest.CaptureFixture[str]) -> None:
    before, champion = bank.checksums(LAYERS), bank.value(CHAMPION)
    assert main(["retrain", "--promote", "force"]) == 0
    out = capsys.readouterr().out
    assert re.search(re.escape(in_full("trait_r2")) + r" +-?\d\.\d{3} +-?\d\.\d{3} +[+-]\d\.\d{3}$", out, re.MULTILINE)
    assert MOVERS in out
    assert bank.value(CHAMPION) != champion
    assert bank.checksums(LAYERS) != before
    orphan = bank.leave_orphan()
    assert main(["rollback"]) == 0
    assert not orphan.exists()  # what status calls a leftover goes with the next run, whichever that is
    assert f"{champion} replaces" in capsys.readouterr().out
    assert (bank.checksums(LAYERS), bank.value(CHAMPION)) == (before, champion)


@pytest.mark.usefixtures("short_retraining")
def test_a_challenger_that_waits_is_promoted_by_a_person(bank: Bank, capsys: pytest.CaptureFixture[str]) -> None:
    champion = bank.value(CHAMPION)
    assert main(["retrain", "--promote", "never"]) == 0
    challenger = str(bank.value("SELECT model_version FROM models.versions WHERE alias = 'challenger'"))
    assert bank.value(CHAMPION) == champion
    main(["status"])
    assert challenger in capsys.readouterr().out
    orphan = bank.leave_orphan()
    assert main(["promote", challenger]) == 0
    assert not orphan.exists()
    assert bank.value(CHAMPION) == challenger
    assert bank.rows("SELECT DISTINCT model_version FROM segments.current") == [(challenger,)]
    assert bank.rows("SELECT action FROM models.promotions ORDER BY decided_at") == [
        ("first",),
        ("refused",),
        ("promoted",),
    ]
    assert main(["dismiss", challenger]) == 1
    assert "is not a waiting challenger: there is none" in capsys.readouterr().err


def test_a_retraining_at_an_older_date_is_refused(bank: Bank) -> None:
    before = bank.checksums()
    with pytest.raises(MicrosegError, match=f"segments of {OCTOBER} are published"):
        retrain(date(2025, 9, 30), promote="force")
    assert bank.checksums() == before


def test_a_roll_back_with_nothing_to_go_back_to_leaves_status_as_it_was(
    bank: Bank, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["status"])
    before = capsys.readouterr().out
    assert main(["rollback"]) == 1
    assert "there is no earlier champion to roll back to" in capsys.readouterr().err
    main(["status"])
    assert capsys.readouterr().out == before


def train_on_other_peoples_targets(
    shares: FloatArray, mask: BoolArray, target: FloatArray, counted: BoolArray, **options: Any
) -> Training:
    """Train each history on another customer's targets: there is nothing to be learnt."""
    order = np.random.default_rng(0).permutation(len(target))
    return train(shares, mask, target[order], counted, **options)
