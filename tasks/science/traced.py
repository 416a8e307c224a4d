"""Which scores and states each step of a date has: written once for all dates that share the periods behind them."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import accumulate
from typing import NamedTuple

import duckdb
import numpy as np

from model.trajectories import outputs
from tasks.operation.code_version import FEATURES, code_version
from tasks.operation.held_traces import SCORES_ID, STATES_ID, Ids, delete_traces, held_traces
from tasks.operation.provenance import fingerprint
from tasks.science.model_store import Model
from warehouse.queries import query

# Steps whose rows have to be written, by column and id.
Missing = Mapping[str, Mapping[int, int]]


class TracedStep(NamedTuple):
    """A step of a window of a date.

    Attributes:
        step: From 1, oldest first.
        period_id: Its period.
        scores_id: Of its period under the model.
        states_id: Of all periods up to it under the model.
    """

    step: int
    period_id: int
    scores_id: int
    states_id: int


def traced_steps(
    connection: duckdb.DuckDBPyConnection, model: Model, as_of: date, window_name: str
) -> list[TracedStep]:
    """Return the steps of a window with what they have under a model, oldest first; `open_scope` was called.

    The state after a step is a function of the periods up to it, so two dates of a month share all but the newest.
    """
    dated = {"as_of": as_of, "window_name": window_name}
    periods = connection.execute(query("features/select_steps"), dated).fetchall()
    paths = accumulate((str(period) for _, period in periods), lambda path, period: f"{path} {period}")
    return [
        TracedStep(step, period, _id_of(SCORES_ID, model, str(period)), _id_of(STATES_ID, model, path))
        for (step, period), path in zip(periods, paths, strict=True)
    ]


def _id_of(column: str, model: Model, made_from: str) -> int:
    return int(fingerprint(column, model.version, code_version(*FEATURES), made_from), 16) >> 1


def claim_missing(
    connection: duckdb.DuckDBPyConnection, steps: Sequence[TracedStep], suspect: Ids
) -> dict[str, dict[int, int]]:
    """Return the steps whose rows have to be written, by column and id, inside a transaction.

    Args:
        connection: Inside a transaction.
        steps: Of a window.
        suspect: Ids that a gate refused: they are written again, whoever has them.
    """
    standing = held_traces(connection)
    missing = {
        SCORES_ID: {row.scores_id: row.step for row in steps},
        STATES_ID: {row.states_id: row.step for row in steps},
    }
    for column, ids in missing.items():
        kept = standing[column].difference(suspect[column])
        missing[column] = {held_id: step for held_id, step in ids.items() if held_id not in kept}
        delete_traces(connection, column, missing[column])  # refused rows; or a repair has lost the steps, not the rows
    return missing


def insert_traced(
    connection: duckdb.DuckDBPyConnection, steps: Sequence[TracedStep], model: Model, as_of: date, window_name: str
) -> None:
    """Enter the steps of a candidate, inside a transaction."""
    (rest,) = outputs(model.weights, np.zeros((1, model.weights.units))).tolist()
    columns: dict[str, object] = {
        "steps": [row.step for row in steps],
        "scores_ids": [row.scores_id for row in steps],
        "states_ids": [row.states_id for row in steps],
    }
    dated = {"as_of": as_of, "window_name": window_name, "model_version": model.version, "rest": rest}
    connection.execute(query("features/insert_traced"), columns | dated)
