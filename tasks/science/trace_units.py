"""Traces by units: the features of each window of each bucket of customers are computed by themselves, wherever."""

import duckdb
import numpy as np

from model.types import FloatArray
from tasks.operation.held_traces import BY_ID
from tasks.science.model_store import Model
from tasks.science.window import Window, trace_window
from tasks.units.buckets import customer_buckets
from tasks.units.unit import Ask, Unit
from warehouse.lone import Writing
from warehouse.queries import query
from warehouse.registered import reading, register, writing
from warehouse.settings import Settings
from warehouse.stored import live_files

INPUTS = "candidates.inputs"
TRACES = tuple((table, column) for column, tables in BY_ID.items() for table in tables)
# Whose rows have to lie in files.
TABLES = ("spend.periods", INPUTS, *(table for table, _ in TRACES))


def ask_all(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    model: Model,
    coefficients: FloatArray,
    window: Window,
    ask: Ask,
) -> int:
    """Have a window computed, and register what was written, inside a transaction.

    Args:
        connection: Inside a transaction.
        settings: Where the data lies.
        model: The model to apply.
        coefficients: Trait coefficients, (C, 5).
        window: What to compute and to write.
        ask: Answers to units.

    Returns:
        The number of customers.
    """
    periods = {period_id for _, period_id in window.steps}
    files = live_files(connection)
    held = reading(connection, settings, files, "spend.periods", lambda file: file.has_any(periods))
    writes = _writes(connection, settings, window)
    arguments = (model, tuple(map(tuple, coefficients.tolist())), window)
    units = [Unit(trace_bucket, arguments, (held.of(bucket),), writes) for bucket in customer_buckets(connection)]
    answers = [facts for facts in map(ask, units) if facts]
    register(connection, settings, [file for facts in answers for file in facts.files])
    return sum(facts.figures for facts in answers)


def trace_bucket(
    connection: duckdb.DuckDBPyConnection, model: Model, coefficients: tuple[tuple[float, ...], ...], window: Window
) -> int:
    """Compute a window of the customers whose periods a lone engine sees; return how many.

    Args:
        connection: Of a lone engine.
        model: The model to apply.
        coefficients: Trait coefficients, C times 5.
        window: What to compute and to write.
    """
    steps, periods = zip(*window.steps, strict=True)
    connection.execute(query("units/create_steps"), window.dated | {"steps": list(steps), "periods": list(periods)})
    connection.execute(query("units/create_spending"))
    return trace_window(connection, model, np.array(coefficients), window)


def _writes(connection: duckdb.DuckDBPyConnection, settings: Settings, window: Window) -> tuple[Writing, ...]:
    partition = f"as_of={window.as_of}/window_name={window.name}/"
    traces = (writing(connection, settings, table, by=column) for table, column in TRACES)
    return (writing(connection, settings, INPUTS, partition=partition), *traces)
