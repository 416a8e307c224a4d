"""The first model of a warehouse: trained, measured, and kept until its first release makes it champion."""

from collections.abc import Callable
from datetime import date

import duckdb

from model.network import TrainingOptions
from tasks.science.attractors import find_attractors, save_attractors
from tasks.science.model_store import Model, save
from tasks.science.train import evaluate, read_training_set, train_model, with_baseline
from warehouse.connection import in_transaction
from warehouse.settings import Settings


def make_first_model(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    as_of: date,
    window_name: str,
    run_id: str,
    progress: Callable[[int, int, float], None] | None = None,
) -> Model:
    """Train a model with all that lies beside it, and write it in one transaction.

    Args:
        connection: A warehouse connection, outside of any transaction.
        settings: Bounds on the number of customers, the seed.
        as_of: Business date of the training data.
        window_name: Window to train on.
        run_id: Recorded as the writer.
        progress: Called after each epoch, as `train_model` does.

    Raises:
        ModelError: There are too few customers to train on, or training diverged.
    """
    data = read_training_set(connection, settings, as_of, window_name)
    model = train_model(data, TrainingOptions(seed=settings.seed), progress=progress)
    model = with_baseline(evaluate(model, data), data, settings.min_segment_size)
    attractors = find_attractors(model, data)

    def write() -> None:
        save(connection, model, "challenger", run_id)
        save_attractors(connection, model, attractors)

    in_transaction(connection, write, settings.commit_attempts)
    return model
