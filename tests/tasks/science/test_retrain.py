"""Retraining: units are aligned, bad challengers are refused, and a roll-back restores the tables exactly."""

from dataclasses import replace

import numpy as np
import pytest

from model.drift import stability_index
from model.network import TrainingOptions
from model.trajectories import hidden_states, outputs
from tasks.science.drift import Drift, compare, measure_drift, read_baseline
from tasks.science.model_store import Model, load
from tasks.science.retrain import align_to, decide, promote_model, roll_back
from tasks.science.train import evaluate, train_model
from tests.tasks.science.conftest import AS_OF, Bank
from tests.tasks.science.test_features import rows_of
from warehouse.connection import connect, in_transaction
from warehouse.errors import ModelError

pytestmark = pytest.mark.warehouse


@pytest.fixture(scope="module")
def challenger(bank_home: Bank) -> Model:
    trained = train_model(bank_home.data, TrainingOptions(epochs=8, seed=1), bank_home.model)
    return evaluate(align_to(trained, bank_home.model, bank_home.data), bank_home.data)


def test_alignment_keeps_the_function(bank_home: Bank, challenger: Model) -> None:
    panel = bank_home.data.panel
    again = align_to(challenger, bank_home.model, bank_home.data)
    before = outputs(challenger.weights, hidden_states(challenger.weights, panel.shares, panel.mask))
    after = outputs(again.weights, hidden_states(again.weights, panel.shares, panel.mask))
    assert np.allclose(before, after, atol=1e-6)


def test_a_warm_started_challenger_keeps_most_customers_where_they_are(bank_home: Bank, challenger: Model) -> None:
    decision = decide(challenger, bank_home.model, bank_home.data, [], "auto", 10)
    assert decision.agreement >= 0.9 or not decision.promoted
    assert all(size >= 10 for size in decision.movers.values())
    assert sum(decision.movers.values()) <= round((1 - decision.agreement) * len(bank_home.data.panel.keys))


def test_a_challenger_of_noise_is_refused_with_the_reason(bank_home: Bank) -> None:
    noise = np.random.default_rng(0).standard_normal(bank_home.model.weights.readout.shape)
    bad = replace(bank_home.model, weights=replace(bank_home.model.weights, readout=noise))
    decision = decide(bad, bank_home.model, bank_home.data, [], "auto", 10)
    assert not decision.promoted
    assert "trait_r2 falls" in decision.reason
    assert decide(bad, bank_home.model, bank_home.data, [], "force", 10).promoted


def test_critical_drift_keeps_the_champion(bank_home: Bank, challenger: Model) -> None:
    drift = [Drift("class_shares", 0.4, "critical")]
    decision = decide(challenger, bank_home.model, bank_home.data, drift, "auto", 10)
    assert not decision.promoted
    assert "class_shares drifted" in decision.reason
    assert not decide(challenger, bank_home.model, bank_home.data, [], "never", 10).promoted


def test_promotion_moves_everything_and_roll_back_restores_it_exactly(bank: Bank, challenger: Model) -> None:
    columns = "SELECT * EXCLUDE (published_at) FROM segments.current ORDER BY ALL"
    before = rows_of(bank.settings, AS_OF)
    with connect(bank.settings) as connection:
        segments = connection.execute(columns).fetchall()
        in_transaction(connection, lambda: promote_model(connection, bank.settings, challenger, AS_OF, "promote"))
        promoted = connection.execute("SELECT DISTINCT model_version FROM segments.current").fetchall()
        in_transaction(connection, lambda: roll_back(connection, bank.settings, "back"))
        champion = load(connection)
        assert connection.execute(columns).fetchall() == segments
    assert promoted == [(challenger.version,)]
    assert champion is not None
    assert champion.version == bank.model.version
    assert rows_of(bank.settings, AS_OF) == before


def test_roll_back_without_a_predecessor_is_one_clear_line(bank: Bank) -> None:
    with connect(bank.settings) as connection, pytest.raises(ModelError, match="no earlier champion to roll back to"):
        in_transaction(connection, lambda: roll_back(connection, bank.settings, "back"))


def test_a_promotion_that_dies_leaves_nothing(bank: Bank, challenger: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tasks.science.retrain.refresh_segments", die)
    before = rows_of(bank.settings, AS_OF)
    with connect(bank.settings) as connection:
        with pytest.raises(KeyboardInterrupt):
            in_transaction(connection, lambda: promote_model(connection, bank.settings, challenger, AS_OF, "promote"))
        champion = load(connection)
    assert champion is not None
    assert champion.version == bank.model.version
    assert rows_of(bank.settings, AS_OF) == before


def test_the_first_date_is_the_baseline_and_a_shift_is_seen(bank: Bank) -> None:
    with connect(bank.settings) as connection:
        first = in_transaction(connection, lambda: measure_drift(connection, bank.model, AS_OF, "one"))
        assert {each.level for each in first} == {"steady"}
        baseline = read_baseline(connection, bank.model.version)
        connection.execute("UPDATE spend.by_period SET class_id = (class_id + 40) % 97 WHERE as_of = $1", [AS_OF])
        second = in_transaction(connection, lambda: measure_drift(connection, bank.model, AS_OF, "two"))
        recorded = connection.execute("SELECT count(*) FROM ops.drift WHERE run_id = 'two'").fetchone()
    assert recorded == (len(second),)
    assert second[0].measure == "class_shares"
    assert second[0].level == "critical"
    assert all(each.value == 0 for each in compare(baseline, baseline))


def test_the_stability_index_is_symmetric_and_never_negative() -> None:
    generator = np.random.default_rng(2)
    for _ in range(50):
        p, q = (dict(zip("abcd", generator.dirichlet(np.ones(4)), strict=True)) for _ in range(2))
        assert stability_index(p, q) == pytest.approx(stability_index(q, p))
        assert stability_index(p, q) >= 0
