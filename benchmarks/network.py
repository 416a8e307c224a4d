"""The network and what is read from it, for 26,000 customers x 6 steps x 97 classes, against Keras and PyTorch.

The panel is drawn here, every step active, so that each contestant computes the same thing. PyTorch is no dependency
of the project: give the interpreter of any environment that has it with ``--torch-python``.
"""

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import Case, Run, in_turns, machine, run_once, table, timed, typical, write
from model.angles import fit_frame, to_angles
from model.personality import Scaling, fit_scaling, scores
from model.reasons import explain, top_reasons
from model.surrogate import Surrogate, fit_state_surrogate
from model.trajectories import hidden_states, mean_share, outputs, targets
from model.types import BoolArray, FloatArray
from model.weights import Weights
from warehouse.reference.sets import load_reference

CUSTOMERS, STEPS, CLASSES, UNITS = 26_000, 6, 97, 3
NUMPY, KERAS, TORCH = "network:inference_numpy", "network:inference_keras", "network_torch:inference"
TRAINING, TRAINING_TORCH = "network:training", "network_torch:training"


def panel(seed: int = 0) -> tuple[FloatArray, BoolArray]:
    """Shares (n, T, C) of people with lasting tastes, and the mask, all true."""
    rng = np.random.default_rng(seed)
    tastes = rng.normal(scale=1.2, size=(CUSTOMERS, 1, CLASSES))
    amounts = np.exp(tastes + rng.normal(scale=0.5, size=(CUSTOMERS, STEPS, CLASSES)))
    amounts *= rng.random(amounts.shape) < 0.6
    return amounts / amounts.sum(axis=2, keepdims=True), np.ones((CUSTOMERS, STEPS), dtype=np.bool_)


def weights(shares: FloatArray) -> Weights:
    """Weights of the shape and size of a trained network; their values do not change the work."""
    rng = np.random.default_rng(1)
    kernel, recurrent = rng.normal(scale=0.1, size=(CLASSES, 4 * UNITS)), rng.normal(size=(UNITS, 4 * UNITS))
    readout = rng.normal(size=(UNITS, 5))
    return Weights(kernel, recurrent, np.zeros(4 * UNITS), readout, None, shares.std(axis=(0, 1)))


def inference_numpy(_case: Case) -> dict[str, Any]:
    shares, mask = panel()
    network = weights(shares)
    outputs(network, hidden_states(network, shares[:64], mask[:64]))
    return timed(lambda: float(outputs(network, hidden_states(network, shares, mask)).mean()))


def inference_keras(_case: Case) -> dict[str, Any]:
    from model.network import to_keras

    shares, _ = panel()
    model, x = to_keras(weights(shares), STEPS), shares.astype(np.float32)
    model.predict(x, batch_size=4096, verbose=0)  # builds the graph, which a service would do once
    return timed(lambda: float(model.predict(x, batch_size=4096, verbose=0)["memberships"].mean()))


def prepared(case: Case) -> dict[str, Any]:
    """Write what PyTorch needs, since nothing of ours can be imported where it lives."""
    shares, mask = panel()
    network = weights(shares)
    target, _ = targets(shares, mask, coefficients(), scaling_of(shares, mask), "expanding")
    kernel = network.kernel / network.scale[:, None]
    arrays = {"x": shares, "y": target, "scale": network.scale, "kernel": kernel, "recurrent": network.recurrent}
    save: Any = np.savez
    return timed(lambda: save(Path(case.scratch) / "network.npz", **arrays, readout=network.readout))


def coefficients() -> FloatArray:
    return np.asarray(load_reference("bank").coefficients, dtype=np.float64)


def scaling_of(shares: FloatArray, mask: BoolArray) -> Scaling:
    return fit_scaling(scores(mean_share(shares, mask), coefficients()))


def training(_case: Case) -> dict[str, Any]:
    """To early stopping, with the options of the product."""
    from model.network import TrainingOptions, input_scale, train

    shares, mask = panel()
    target, counts = targets(shares, mask, coefficients(), scaling_of(shares, mask), "expanding")
    scale, options = input_scale(shares, mask), TrainingOptions()
    return timed(lambda: train(shares, mask, target, counts, scale=scale, options=options).epochs)


def explaining(_case: Case) -> dict[str, Any]:
    """From states to angles, reasons, the ten largest of them, segments at published depth, margin and neighbour."""
    from tasks.science.cut import Customers, cut_customers, decide, tally
    from tasks.science.segment_table import segments_of

    shares, mask = panel()
    network = weights(shares)
    states = hidden_states(network, shares, mask)[:, -1]
    frame, surrogate = fit_frame(states[:4_000], candidates=10), fitted(shares, mask, states)
    average = shares.mean(axis=(0, 1))
    known = {"customer_key": np.arange(len(states)), "active_steps": mask.sum(axis=1), "determined": states[:, 0] < 2}
    customers: Customers = {f"h{unit + 1}": states[:, unit] for unit in range(3)} | known

    def work() -> float:
        to_angles(states, frame)
        top_reasons(explain(mean_share(shares, mask), average, surrogate, network, states), 10)
        cut = cut_customers(customers, network.readout, 3)
        return float(segments_of(cut, decide(tally(cut), 20)).num_rows)

    return timed(work)


def fitted(shares: FloatArray, mask: BoolArray, states: FloatArray) -> Surrogate:
    return fit_state_surrogate(mean_share(shares, mask), states)


def bench(cache: Path, repetitions: int, torch_python: str = "") -> None:
    """Measure and write results/network.md."""
    case = Case(CUSTOMERS, "", str(cache))
    run_once("network:prepared", case)
    pythons = {TORCH: torch_python, TRAINING_TORCH: torch_python} if torch_python else {}
    peers = [TORCH] if torch_python else []
    runs = in_turns([NUMPY, KERAS, *peers, "network:explaining"], case, repetitions, pythons)
    trained = in_turns([TRAINING, *([TRAINING_TORCH] if torch_python else [])], case, 1, pythons)
    lines = [*_inference(runs), "", *_training(trained)]
    write("network", ["# Network", "", *lines, "", f"Medians of {repetitions} rounds; training once.", "", machine()])


def _inference(runs: dict[str, list[Run]]) -> list[str]:
    names = {NUMPY: "inference: numpy, float64 (ours)", KERAS: "inference: Keras predict, warm"}
    names |= {TORCH: "inference: PyTorch, warm", "network:explaining": "angles, reasons, segments, margins (ours)"}
    ours = typical(runs[NUMPY]).seconds
    rows = [
        [names[name], f"{typical(timings).seconds:.2f}", f"{typical(timings).seconds / ours:.2f}", _peak(timings)]
        for name, timings in runs.items()
    ]
    return table(["26,000 customers x 6 x 97", "seconds", "numpy = 1", "peak MiB"], rows)


def _training(runs: dict[str, list[Run]]) -> list[str]:
    names = {TRAINING: "Keras to early stopping (ours)", TRAINING_TORCH: "PyTorch, the same network and batches"}
    rows = []
    for name, (run,) in runs.items():
        epochs = run.facts["result"]
        rows.append([names[name], f"{run.seconds:.1f}", f"{epochs:.0f}", f"{run.seconds / epochs:.2f}", _peak([run])])
    return table(["training on 26,000 x 6 x 97", "seconds", "epochs", "seconds an epoch", "peak MiB"], rows)


def _peak(runs: list[Run]) -> str:
    return f"{typical(runs).peak_mib:,.0f}"
