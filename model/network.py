"""Training the LSTM(3) with Keras (the paper, section 3); applying it needs only numpy, see `model.trajectories`.

The paper publishes no loss, optimiser, scaling or split; ours are binary cross-entropy on the memberships, Adam, the
per-class standard deviation of the training set, and a tenth of the training customers held out for early stopping.
TensorFlow is imported inside the functions that need it: it costs seconds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from model.greetings import load_keras
from model.trajectories import Target
from model.types import BoolArray, Float32Array, FloatArray, IntArray
from model.vocabulary import TRAITS
from model.weights import Weights, rescale

Progress = Callable[[int, int, float], None]
ROUNDING: Final = 1e-9
PLATEAU: Final = 3  # epochs without a better validation loss before the learning rate is halved


class TrainingDiverged(ValueError):  # noqa: N818 - reads as what happened; it is caught by name
    """The loss left the finite numbers; the weights of this run are worthless."""


@dataclass(frozen=True)
class TrainingOptions:
    """How to train; the defaults were chosen by measurement (docs/decisions/006-numpy-inference.md).

    Attributes:
        target: What the network learns to say at each step, see `model.trajectories.targets`.
        units: Hidden units; the angles need three.
        seed: Seed of the initial weights, the validation split and the order of the batches.
        epochs: Epochs at most.
        batch_size: Customers per gradient step.
        learning_rate: Adam's first; halved on plateaus.
        patience: Epochs without a better validation loss before stopping.
        readout_bias: Whether the read-out has a bias; without, the direction alone decides the order of the traits.
        validation_share: Share of the training customers held out for early stopping.
        kernel_l2: Penalty on the input weights.
        recurrent_l2: Penalty on the recurrent weights.
    """

    target: Target = "settled"
    units: int = 3
    seed: int = 0
    epochs: int = 200
    batch_size: int = 256
    learning_rate: float = 0.01
    patience: int = 10
    readout_bias: bool = False
    validation_share: float = 0.1
    kernel_l2: float = 1e-3
    recurrent_l2: float = 0.0


@dataclass(frozen=True)
class EpochLoss:
    """Losses after one epoch, counted from 1: binary cross-entropy plus penalties, per unmasked step."""

    epoch: int
    loss: float
    validation_loss: float


@dataclass(frozen=True, eq=False)
class Training:
    """The weights of the best epoch (of lowest validation loss, counted from 1), and the losses of all epochs run."""

    weights: Weights
    history: tuple[EpochLoss, ...]
    best_epoch: int
    epochs: int


def input_scale(shares: FloatArray | Float32Array, mask: BoolArray) -> FloatArray:
    """Standard deviation per class, (C,), over the unmasked steps of the training set; 1 where a class never varies.

    Raises:
        ValueError: Every step is masked.
    """
    if not mask.any():
        raise ValueError("no step with spend to train on: all steps are masked")
    sd = np.std(shares, axis=(0, 1), dtype=np.float64, where=mask[..., None])
    # Rounding leaves a trace of variance in a constant class; dividing by it would blow the trace up.
    return np.where(sd > ROUNDING, sd, 1.0)


def build(n_classes: int, options: TrainingOptions) -> Any:
    """An untrained Keras model: scaled shares (n, T, C), zeros where masked, to memberships (n, T, 5)."""
    inputs, _, memberships = _layers(n_classes, None, options)
    return load_keras().Model(inputs, memberships)


def _layers(n_classes: int, n_steps: int | None, options: TrainingOptions) -> tuple[Any, Any, Any]:
    layers, l2 = load_keras().layers, load_keras().regularizers.L2
    inputs = layers.Input((n_steps, n_classes), name="shares")
    states = layers.LSTM(
        options.units,
        return_sequences=True,
        kernel_regularizer=l2(options.kernel_l2) if options.kernel_l2 else None,
        recurrent_regularizer=l2(options.recurrent_l2) if options.recurrent_l2 else None,
        name="trajectory",
    )(layers.Masking(0.0, name="no_spend")(inputs))
    readout = layers.Dense(len(TRAITS), activation="sigmoid", use_bias=options.readout_bias, name="memberships")
    return inputs, states, readout(states)


def train(
    shares: FloatArray | Float32Array,
    mask: BoolArray,
    targets: FloatArray,
    weights_mask: BoolArray,
    *,
    scale: FloatArray,
    options: TrainingOptions,
    initial: Weights | None = None,
    progress: Progress | None = None,
) -> Training:
    """Train to early stopping; the same arguments give the same weights, bit for bit, on one kind of CPU.

    Args:
        shares: Share of spend per class, (n, T, C).
        mask: True where a step counts, (n, T).
        targets: Memberships to learn, (n, T, 5), in [0, 1].
        weights_mask: Where the targets count, (n, T), a part of the mask.
        scale: Divisor of the shares per class, (C,), of `input_scale`.
        options: How to train.
        initial: Weights to start from, such as the champion's; random ones otherwise.
        progress: Called after each epoch with the epoch from 1, the most there can be, and the validation loss.

    Raises:
        ValueError: Fewer than two customers with a target, or weights to start from that do not fit.
        TrainingDiverged: The loss is not finite.
    """
    usable = weights_mask.any(axis=1)
    x = np.where(mask[..., None], shares / scale, 0.0)[usable].astype(np.float32)
    data = (x, targets[usable].astype(np.float32), weights_mask[usable].astype(np.float32))
    fitted, held_out = (tuple(array[rows] for array in data) for rows in split(len(x), options))
    load_keras().backend.clear_session()
    load_keras().utils.set_random_seed(options.seed)
    model = build(x.shape[2], options)
    if initial is not None:
        model.set_weights(_warm_start(initial, scale, options))
    history = _fit(model, fitted, held_out, options, progress)
    best = min(history, key=lambda epoch: (epoch.validation_loss, epoch.epoch))
    return Training(_extract(model, scale, options), history, best.epoch, len(history))


def split(n: int, options: TrainingOptions) -> tuple[IntArray, IntArray]:
    """Rows to fit on and rows held out for early stopping; a function of the seed and the number of rows alone.

    Raises:
        ValueError: Fewer than two rows.
    """
    if n < 2:  # noqa: PLR2004 - one to learn from, one to stop by
        raise ValueError(f"training needs at least two customers with a target, found {n}")
    order = np.random.default_rng(options.seed).permutation(n)
    held_out = min(max(1, round(options.validation_share * n)), n - 1)
    return np.sort(order[held_out:]), np.sort(order[:held_out])


def _fit(
    model: Any,
    fitted: tuple[Float32Array, ...],
    held_out: tuple[Float32Array, ...],
    options: TrainingOptions,
    progress: Progress | None,
) -> tuple[EpochLoss, ...]:
    keras = load_keras()
    model.compile(
        optimizer=keras.optimizers.Adam(options.learning_rate),
        loss="binary_crossentropy",
        # A whole epoch in one call: leaving TensorFlow after each batch of so small a network costs most of the time.
        steps_per_execution=-(-len(fitted[0]) // options.batch_size),
        jit_compile=False,
    )
    # Variables that first appear while an epoch is traced would have TensorFlow trace it a second time.
    model.optimizer.build(model.trainable_variables)
    history: list[EpochLoss] = []
    slowing = keras.callbacks.ReduceLROnPlateau("val_loss", factor=0.5, patience=PLATEAU)
    stopping = keras.callbacks.EarlyStopping("val_loss", patience=options.patience, restore_best_weights=True)
    model.fit(
        *fitted[:2],
        sample_weight=fitted[2],
        batch_size=options.batch_size,
        epochs=options.epochs,
        validation_data=held_out,
        validation_batch_size=len(held_out[0]),
        callbacks=[_watch(history, options.epochs, progress), slowing, stopping],
        verbose=0,
    )
    return tuple(history)


def _watch(history: list[EpochLoss], epochs: int, progress: Progress | None) -> Any:
    def on_epoch_end(epoch: int, logs: dict[str, float]) -> None:
        losses = EpochLoss(epoch + 1, float(logs["loss"]), float(logs["val_loss"]))
        if not np.isfinite([losses.loss, losses.validation_loss]).all():
            raise TrainingDiverged(f"training diverged in epoch {losses.epoch}: loss not finite; keep the champion")
        history.append(losses)
        if progress is not None:
            progress(losses.epoch, epochs, losses.validation_loss)

    return load_keras().callbacks.LambdaCallback(on_epoch_end=on_epoch_end)


def _warm_start(initial: Weights, scale: FloatArray, options: TrainingOptions) -> list[FloatArray]:
    has, needs = f"{initial.n_classes} classes x {initial.units} units", f"{len(scale)} x {options.units}"
    if (initial.n_classes, initial.units) != (len(scale), options.units):
        raise ValueError(f"weights of {has} can not start a training of {needs}; train without a champion")
    # The champion divided its inputs by its own scale; its function, not its numbers, is the place to start.
    start = rescale(initial, scale)
    readout_bias = np.zeros(len(TRAITS)) if start.readout_bias is None else start.readout_bias
    return [start.kernel, start.recurrent, start.bias, start.readout, *([readout_bias] if options.readout_bias else [])]


def _extract(model: Any, scale: FloatArray, options: TrainingOptions) -> Weights:
    kernel, recurrent, bias, readout, *rest = (array.astype(np.float64) for array in model.get_weights())
    return Weights(kernel, recurrent, bias, readout, rest[0] if options.readout_bias else None, scale.copy())


def to_keras(weights: Weights, n_steps: int) -> Any:
    """A Keras model with these weights: raw shares (n, T, C), zeros where masked, to states and memberships.

    The scale is folded into the input weights, so the model stands alone. Keras computes in float32.
    """
    options = TrainingOptions(units=weights.units, readout_bias=weights.readout_bias is not None)
    inputs, states, memberships = _layers(weights.n_classes, n_steps, options)
    model = load_keras().Model(inputs, {"states": states, "memberships": memberships}, name="microseg")
    model.set_weights(_warm_start(weights, np.ones(weights.n_classes), options))
    return model


def export_keras(weights: Weights, n_steps: int, path: Path) -> None:
    """Write the model of `to_keras` as a .keras file, for teams that serve Keras models."""
    to_keras(weights, n_steps).save(path)
