"""Ours: train the first model, trace both windows of a date, reasons for everybody, segments; as a first night does."""

from datetime import date
from time import perf_counter
from typing import Any

from benchmarks.measure import Case
from benchmarks.peers.state import measured, state_of


def first(case: Case) -> dict[str, Any]:
    """From a lake whose sums are there to a candidate that waits for its gates."""
    start = perf_counter()
    from benchmarks.homes import copied_home
    from model.network import TrainingOptions  # noqa: F401 - TensorFlow's import is no work
    from tasks.science.train import train_model  # noqa: F401

    settings = copied_home(state_of(case, "sums-ours"), state_of(case, "features-ours"))
    return measured(lambda: build(settings, date.fromisoformat(case.options["as_of"])), start)


def build(settings: Any, as_of: date) -> dict[str, int]:
    """Do what the stages train, trace and segment do; return customers with a segment, and what describes each."""
    from tasks.science.features import build_features
    from tasks.science.segment import build_segments
    from warehouse.connection import connect, in_transaction

    with connect(settings) as connection:
        model = train(connection, settings, as_of)
        in_transaction(connection, lambda: build_features(connection, settings, model, as_of, "benchmark"), 1)
        customers = in_transaction(connection, lambda: build_segments(connection, settings, model, as_of), 1)
    return {"customers": customers, "dimensions": model.weights.recurrent.shape[0]}


def train(connection: Any, settings: Any, as_of: date) -> Any:
    from model.network import TrainingOptions
    from tasks.science.attractors import find_attractors, save_attractors
    from tasks.science.model_store import save
    from tasks.science.train import evaluate, read_training_set, train_model, with_baseline
    from warehouse.connection import in_transaction

    data = read_training_set(connection, settings, as_of, "annual")
    model = evaluate(train_model(data, TrainingOptions(seed=settings.seed)), data)
    model = with_baseline(model, data, settings.min_segment_size)
    attractors = find_attractors(model, data)

    def write() -> None:
        save(connection, model, "challenger", "benchmark")
        save_attractors(connection, model, attractors)

    in_transaction(connection, write, 1)
    return model
