"""Retraining: units are aligned, bad challengers are refused, and a roll-back restores the tables exactly."""

from dataclasses import replace

import numpy as np
import pytest

from model.drift import stability_index
from model.network import TrainingOptions
from model.trajectories import hidden_states, outputs
from tasks.publishing.release import Promotion, release_candidate
from tasks.science.candidates import mark_candidate
from tasks.science.champions import champion_of, dismiss_challenger, predecessor
from tasks.science.drift import Drift, compare, measure_drift, read_baseline, read_distributions, without_small_bins
from tasks.science.model_store import Model, load, save
from tasks.science.retrain import align_to, decide
from tasks.science.train import evaluate, train_model, with_baseline
from tests.support.release import build, build_and_release
from tests.tasks.science.conftest import AS_OF, Bank
from tests.tasks.science.test_features import rows_of
from warehouse.connection import connect, in_transaction
from warehouse.errors import ModelError

pytestmark = pytest.mark.warehouse


@pytest.fixture(scope="module")
def challenger(bank_home: Bank) -> Model:
    trained = train_model(bank_home.data, TrainingOptions(epochs=8, seed=1), bank_home.model)
    aligned = evaluate(align_to(trained, bank_home.model, bank_home.data), bank_home.data)
    return with_baseline(aligned, bank_home.data, 10)


def test_alignment_keeps_the_function(bank_home: Bank, challenger: Model) -> None:
    panel = bank_home.data.panel
    again = align_to(challenger, bank_home.model, bank_home.data)
    before = outputs(challenger.weights, hidden_states(challenger.weights, panel.shares, panel.mask))
    after = outputs(again.weights, hidden_states(again.weights, panel.shares, panel.mask))
    assert np.allclose(before, after, atol=1e-6)


def test_a_warm_started_challenger_keeps_most_customers_where_they_are(bank_home: Bank, challenger: Model) -> None:
    decision = decide(challenger, bank_home.model, bank_home.data, [], "auto", 10)
    assert decision.agreement >= 0.9 or not decision.promoted
    assert decision.promoted == all(gate.passed for gate in decision.gates)
    assert all(size >= 10 for size in decision.movers.values())
    assert sum(decision.movers.values()) <= round((1 - decision.agreement) * len(bank_home.data.panel.keys))


def test_a_challenger_of_noise_is_refused_with_the_reason(bank_home: Bank) -> None:
    noise = np.random.default_rng(0).standard_normal(bank_home.model.weights.readout.shape)
    bad = replace(bank_home.model, weights=replace(bank_home.model.weights, readout=noise))
    decision = decide(bad, bank_home.model, bank_home.data, [], "auto", 10)
    assert not decision.promoted
    assert "trait_r2 falls" in decision.reason
    assert {gate.measure for gate in decision.gates if not gate.passed} >= {"trait_r2", "agreement"}
    assert all(min(pair) >= 10 for name, pair in decision.sizes.items() if name != "other")
    assert sum(was for was, _ in decision.sizes.values()) == len(bank_home.data.panel.keys)
    assert decide(bad, bank_home.model, bank_home.data, [], "force", 10).promoted


def test_who_has_no_direction_any_more_has_not_kept_the_segment(bank_home: Bank) -> None:
    weights = bank_home.model.weights
    mute = replace(weights, kernel=0 * weights.kernel, recurrent=0 * weights.recurrent, bias=0 * weights.bias)
    bad = replace(bank_home.model, weights=mute)
    decision = decide(bad, bank_home.model, bank_home.data, [], "auto", 10)
    assert decision.agreement == 0.0
    assert {becomes for _, becomes in decision.movers} == {"undetermined"}


def test_critical_drift_keeps_the_champion(bank_home: Bank, challenger: Model) -> None:
    drift = [Drift("class_shares", 0.4, "critical")]
    decision = decide(challenger, bank_home.model, bank_home.data, drift, "auto", 10)
    assert not decision.promoted
    assert "class_shares drifted" in decision.reason
    assert not decide(challenger, bank_home.model, bank_home.data, [], "never", 10).promoted


def test_a_promotion_moves_everything_and_a_roll_back_restores_it_exactly(bank: Bank, challenger: Model) -> None:
    columns = "SELECT * EXCLUDE (published_at) FROM segments.current ORDER BY ALL"
    before = rows_of(bank.settings, AS_OF)
    with connect(bank.settings) as connection:
        segments = connection.execute(columns).fetchall()
        in_transaction(connection, lambda: save(connection, challenger, "challenger", "run"))
        build_and_release(connection, bank.settings, challenger, AS_OF, Promotion("promoted", "not worse"))
        promoted = connection.execute("SELECT DISTINCT model_version FROM segments.current").fetchall()
        champion, earlier = predecessor(connection)
        assert champion.version == challenger.version
        build_and_release(connection, bank.settings, earlier, AS_OF, Promotion("rolled_back", "on request"))
        assert connection.execute(columns).fetchall() == segments
        assert champion_of(connection).version == bank.model.version
        actions = connection.execute("SELECT action FROM models.promotions ORDER BY decided_at").fetchall()
    assert promoted == [(challenger.version,)]
    assert actions == [("promoted",), ("rolled_back",)]
    assert rows_of(bank.settings, AS_OF) == before


def test_roll_back_without_a_predecessor_is_one_clear_line(bank: Bank) -> None:
    with connect(bank.settings) as connection, pytest.raises(ModelError, match="no earlier champion to roll back to"):
        predecessor(connection)


def test_a_release_that_dies_leaves_nothing(bank: Bank, challenger: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tasks.publishing.release.write_transitions", die)
    before = rows_of(bank.settings, AS_OF)
    with connect(bank.settings) as connection:
        in_transaction(connection, lambda: save(connection, challenger, "challenger", "run"))
        with pytest.raises(KeyboardInterrupt):
            build_and_release(connection, bank.settings, challenger, AS_OF, Promotion("promoted", "not worse"))
        assert champion_of(connection).version == bank.model.version
    assert rows_of(bank.settings, AS_OF) == before


def test_what_has_not_passed_is_not_released(bank: Bank, challenger: Model) -> None:
    with connect(bank.settings) as connection:
        in_transaction(connection, lambda: save(connection, challenger, "challenger", "run"))
        in_transaction(connection, lambda: build(connection, bank.settings, challenger, AS_OF))
        mark_candidate(connection, AS_OF, "refused", "a gate")
        promotion = Promotion("promoted", "not worse")
        with pytest.raises(ModelError, match=r"has not passed its gates \(refused\)"):
            in_transaction(connection, lambda: release_candidate(connection, bank.settings, AS_OF, "run", promotion))
        mark_candidate(connection, AS_OF, "passed")
        with pytest.raises(ModelError, match="another model became champion"):
            in_transaction(connection, lambda: release_candidate(connection, bank.settings, AS_OF, "run"))


def test_a_challenger_is_dismissed_by_its_version_only(bank: Bank, challenger: Model) -> None:
    with connect(bank.settings) as connection:
        with pytest.raises(ModelError, match="there is none"):
            dismiss_challenger(connection, challenger.version)
        in_transaction(connection, lambda: save(connection, challenger, "challenger", "run"))
        with pytest.raises(ModelError, match=f"the waiting one is {challenger.version}"):
            dismiss_challenger(connection, bank.model.version)
        in_transaction(connection, lambda: dismiss_challenger(connection, challenger.version))
        assert load(connection, "challenger") is None


def test_the_training_that_gives_the_champion_again_changes_nothing(bank_home: Bank) -> None:
    decision = decide(bank_home.model, bank_home.model, bank_home.data, [], "force", 10)
    assert not decision.promoted
    assert decision.reason == "training reproduced the champion"


def test_the_baseline_is_that_of_the_training_customers_by_sql_too(bank: Bank) -> None:
    train = bank.data.panel.keys[bank.data.is_train].tolist()
    with connect(bank.settings) as connection:
        baseline = read_baseline(connection, bank.model.version)
        connection.execute(f"DELETE FROM features.inputs WHERE customer_key NOT IN ({', '.join(map(str, train))})")
        today = read_distributions(connection, bank.settings, AS_OF, "bimonthly")
    assert {drift.level for drift in compare(baseline, today)} == {"steady"}
    for measure, bins in baseline.items():
        assert without_small_bins(today, len(train), 10)[measure] == pytest.approx(bins), measure


def test_a_shift_is_seen_and_recorded(bank: Bank) -> None:
    with connect(bank.settings) as connection:
        drift = (connection, bank.settings, bank.model.version, "bimonthly", AS_OF)
        connection.execute("UPDATE spend.periods SET class_id = (class_id + 40) % 97")
        measured = in_transaction(connection, lambda: measure_drift(*drift, "run 2"))
        recorded = connection.execute("SELECT count(*) FROM ops.drift WHERE run_id = 'run 2'").fetchone()
    assert recorded == (len(measured),)
    assert (measured[0].measure, measured[0].level) == ("class_shares", "critical")


def test_a_model_without_a_baseline_is_an_error(bank: Bank) -> None:
    with connect(bank.settings) as connection:
        connection.execute("DELETE FROM models.baselines")
        with pytest.raises(ModelError, match="has no baseline"):
            measure_drift(connection, bank.settings, bank.model.version, "bimonthly", AS_OF, "run")


def test_the_stability_index_is_symmetric_and_never_negative() -> None:
    generator = np.random.default_rng(2)
    for _ in range(50):
        p, q = (dict(zip("abcd", generator.dirichlet(np.ones(4)), strict=True)) for _ in range(2))
        assert stability_index(p, q) == pytest.approx(stability_index(q, p))
        assert stability_index(p, q) >= 0
