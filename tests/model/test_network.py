"""The one module whose tests start TensorFlow: small networks, few epochs; everything else is tested on numpy."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model.network import (
    Progress,
    Training,
    TrainingDiverged,
    TrainingOptions,
    build,
    export_keras,
    input_scale,
    split,
    to_keras,
    train,
)
from model.personality import fit_scaling, scores
from model.trajectories import hidden_states, mean_share, outputs, targets
from model.weights import Weights, to_bytes

C, T, N = 8, 4, 300
OPTIONS = TrainingOptions(epochs=3, batch_size=32)
trains = pytest.mark.training


class World:
    """Customers with tastes of their own; the first has no step with spend, others miss some."""

    def __init__(self, n: int = N) -> None:
        rng = np.random.default_rng(0)
        taste = rng.dirichlet(np.ones(C), n)
        self.shares = np.stack([rng.dirichlet(20 * row + 0.1, T) for row in taste])
        self.mask = rng.random((n, T)) < 0.85
        self.mask[0] = False
        self.shares[~self.mask] = 0.0
        coefficients = rng.normal(size=(C, 5))
        scaling = fit_scaling(scores(mean_share(self.shares, self.mask)[1:], coefficients))
        self.targets, self.counts = targets(self.shares, self.mask, coefficients, scaling, "expanding")
        self.scale = input_scale(self.shares, self.mask)

    def train(
        self, options: TrainingOptions = OPTIONS, initial: Weights | None = None, progress: Progress | None = None
    ) -> Training:
        data = self.shares, self.mask, self.targets, self.counts
        return train(*data, scale=self.scale, options=options, initial=initial, progress=progress)


@pytest.fixture(scope="module")
def champion() -> Training:
    return World().train()


def network(seed: int = 0, readout_bias: bool = False) -> Weights:
    rng = np.random.default_rng(seed)
    return Weights(
        rng.normal(size=(C, 12)),
        rng.normal(size=(3, 12)),
        rng.normal(size=12),
        rng.normal(size=(3, 5)),
        rng.normal(size=5) if readout_bias else None,
        rng.uniform(0.2, 1, C),
    )


@trains
@pytest.mark.parametrize("readout_bias", [False, True])
def test_numpy_and_keras_agree_masked_steps_included(readout_bias: bool, tmp_path: Path) -> None:
    world, weights = World(64), network(1, readout_bias)
    assert not world.mask[:, 0].all()
    assert not world.mask[1:, 1:-1].all()
    states = hidden_states(weights, world.shares, world.mask)
    export_keras(weights, T, tmp_path / "model.keras")
    import keras

    for model in (to_keras(weights, T), keras.saving.load_model(tmp_path / "model.keras")):
        predicted = model.predict(world.shares.astype(np.float32), verbose=0)
        assert np.abs(predicted["states"] - states).max() < 1e-6
        assert np.abs(predicted["memberships"] - outputs(weights, states)).max() < 1e-6


@trains
def test_training_repeats_bit_for_bit_whatever_masked_steps_hold(champion: Training) -> None:
    world = World()
    world.shares[~world.mask] = np.nan
    world.targets[~world.counts] = 0.123
    again = world.train()
    assert to_bytes(again.weights) == to_bytes(champion.weights)
    assert again.history == champion.history


@trains
def test_training_follows_its_seed_and_is_traced_once(champion: Training, monkeypatch: pytest.MonkeyPatch) -> None:
    import keras

    train_step, traced = keras.Model.train_step, list[object]()

    def counted(model: object, data: object) -> object:
        traced.append(model)
        return train_step(model, data)

    monkeypatch.setattr(keras.Model, "train_step", counted)
    assert to_bytes(World().train(replace(OPTIONS, seed=1)).weights) != to_bytes(champion.weights)
    assert len(traced) == 1  # twice would cost half a second


@trains
def test_training_learns_stops_early_and_keeps_its_best_epoch() -> None:
    world, seen = World(), list[tuple[int, int, float]]()
    options = replace(OPTIONS, epochs=60, patience=2, learning_rate=0.05, kernel_l2=0.0)
    training = world.train(options, progress=lambda *step: seen.append(step))
    losses = [epoch.validation_loss for epoch in training.history]
    assert training.epochs == len(losses) == training.best_epoch + 2 < 60
    assert losses[training.best_epoch - 1] == min(losses) < losses[0]
    assert seen == [(epoch.epoch, 60, epoch.validation_loss) for epoch in training.history]
    _, held_out = split(N - 1, options)  # the customer without any step is not among the rows
    predicted = outputs(training.weights, hidden_states(training.weights, world.shares, world.mask))[1:][held_out]
    y, w = world.targets[1:][held_out], world.counts[1:][held_out]
    entropy = -(y * np.log(predicted) + (1 - y) * np.log(1 - predicted)).mean(axis=2)[w].mean()
    assert entropy == pytest.approx(min(losses), abs=1e-5)


@trains
def test_warm_start_continues_from_the_champion_whatever_its_scale(champion: Training) -> None:
    world, options = World(), replace(OPTIONS, epochs=1, learning_rate=1e-9, readout_bias=True)
    world.scale = world.scale * 3
    weights = world.train(options, initial=champion.weights).weights
    states = hidden_states(weights, world.shares, world.mask)
    assert np.abs(states - hidden_states(champion.weights, world.shares, world.mask)).max() < 1e-5
    assert np.abs(weights.readout - champion.weights.readout).max() < 1e-6
    assert weights.readout_bias is not None
    assert np.abs(weights.readout_bias).max() < 1e-6


@trains
def test_warm_start_from_another_reference_set_is_refused() -> None:
    world = World(20)
    narrow = Weights(np.zeros((3, 12)), np.zeros((3, 12)), np.zeros(12), np.zeros((3, 5)), None, np.ones(3))
    with pytest.raises(ValueError, match="weights of 3 classes x 3 units can not start a training of 8 x 3"):
        world.train(initial=narrow)


@trains
def test_divergence_raises_and_leaves_nothing() -> None:
    world = World(40)
    world.targets[:] = np.nan
    with pytest.raises(TrainingDiverged, match=r"diverged in epoch 1: .* keep the champion"):
        world.train()


@pytest.mark.parametrize("n", [0, 1])
def test_too_few_customers_are_refused(n: int) -> None:
    world = World(10)
    world.counts[n + 1 :] = False  # the first customer has no step at all
    with pytest.raises(ValueError, match=f"at least two customers with a target, found {n}"):
        world.train()


@trains
def test_units_and_bias_are_options() -> None:
    model = build(C, TrainingOptions(units=2, readout_bias=True))
    assert [array.shape for array in model.get_weights()] == [(C, 8), (2, 8), (8,), (2, 5), (5,)]


@pytest.mark.parametrize("n", [2, 3, 10, 101])
def test_split_holds_some_out_and_loses_none(n: int) -> None:
    fitted, held_out = split(n, TrainingOptions(seed=4))
    assert sorted([*fitted, *held_out]) == list(range(n))
    assert len(held_out) == max(1, round(0.1 * n))
    assert all(np.array_equal(a, b) for a, b in zip((fitted, held_out), split(n, TrainingOptions(seed=4)), strict=True))


def test_input_scale_is_the_spread_of_unmasked_steps_and_one_where_there_is_none() -> None:
    world = World()
    shares = np.concatenate([world.shares, np.full((N, T, 1), 0.1)], axis=2)
    shares[~world.mask] = np.nan
    scale = input_scale(shares, world.mask)
    assert np.allclose(scale[:-1], shares[world.mask].std(axis=0)[:-1])
    assert scale[-1] == 1.0


def test_input_scale_needs_a_step() -> None:
    with pytest.raises(ValueError, match="all steps are masked"):
        input_scale(np.zeros((3, T, C)), np.zeros((3, T), bool))
