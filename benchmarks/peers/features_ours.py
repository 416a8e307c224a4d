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

    settings = copied_home(state_of(case, "sums-ours"), state_of(case, "features-ours"))
    return measured(lambda: build(settings, date.fromisoformat(case.options["as_of"])), start)


def build(settings: Any, as_of: date) -> dict[str, int]:
    """Do what the stages train, trace and segment do; return customers with a segment, and what describes each."""
    from tasks.science.features import build_features
    from tasks.science.first_model import make_first_model
    from tasks.science.segment import build_segments
    from warehouse.connection import connect, in_transaction

    with connect(settings) as connection:
        model = make_first_model(connection, settings, as_of, "annual", "benchmark")
        in_transaction(connection, lambda: build_features(connection, settings, model, as_of, "benchmark"), 1)
        customers = in_transaction(connection, lambda: build_segments(connection, settings, model, as_of), 1)
    return {"customers": customers, "dimensions": model.weights.recurrent.shape[0]}
