"""One window of a date: from the spending of customers to their scores, states, angles and reasons, as tables."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import duckdb

from model.types import FloatArray
from tasks.operation.held_traces import SCORES_ID, STATES_ID
from tasks.science.feature_tables import insert_traces
from tasks.science.model_store import Model
from tasks.science.panel import read_panel
from tasks.science.trace import BLOCK, Features, compute_block
from tasks.science.traced import Missing, TracedStep
from tasks.units.progress import Progress, silent
from warehouse.queries import query

CHUNK = 5 * BLOCK  # customers of one file a table and step, where the lake writes it


Pairs = tuple[tuple[int, int], ...]


class Window(NamedTuple):
    """A window of a date, and what of it has to be written.

    Attributes:
        as_of: Business date.
        name: ``annual`` or ``bimonthly``.
        steps: Pairs of a step and its period.
        scores: Pairs of an id to write scores of and its step.
        states: Pairs of an id to write states of and its step.
    """

    as_of: date
    name: str
    steps: Pairs
    scores: Pairs
    states: Pairs

    @property
    def dated(self) -> dict[str, object]:
        """The window as parameters of a query."""
        return {"as_of": self.as_of, "window_name": self.name}

    @property
    def missing(self) -> Missing:
        """The steps to write, by column and id."""
        return {SCORES_ID: dict(self.scores), STATES_ID: dict(self.states)}


def window_of(as_of: date, name: str, steps: Sequence[TracedStep], missing: Missing) -> Window:
    """Return a window of a date.

    Args:
        as_of: Business date.
        name: ``annual`` or ``bimonthly``.
        steps: All of its steps.
        missing: Those that have to be written, by column and id.
    """
    periods = tuple((row.step, row.period_id) for row in steps)
    return Window(as_of, name, periods, tuple(missing[SCORES_ID].items()), tuple(missing[STATES_ID].items()))


def trace_window(
    connection: duckdb.DuckDBPyConnection,
    model: Model,
    coefficients: FloatArray,
    window: Window,
    progress: Progress = silent,
) -> int:
    """Compute all customers whose spending the view ``spending`` shows; write their inputs, and what is missing.

    Args:
        connection: Inside a transaction of the lake, or of a lone engine.
        model: The model to apply.
        coefficients: Trait coefficients, (C, 5).
        window: What to compute and to write.
        progress: Called with chunks done and in total.

    Returns:
        The number of customers.
    """
    connection.execute(query("features/create_inputs"), window.dated)
    connection.execute(query("features/insert_inputs"), window.dated | {"model_version": model.version})
    keys = [row[0] for row in connection.execute("SELECT customer_key FROM inputs ORDER BY customer_key").fetchall()]

    def compute(first: int) -> Features:
        # The shares of one block at a time: they are much more than all that is made from them.
        last = min(first + BLOCK, len(keys)) - 1
        connection.execute(query("features/create_bucket"), [keys[first], keys[last]])
        panel = read_panel(connection, window.as_of, window.name, "bucket", len(coefficients))
        return compute_block(panel, coefficients, model)

    starts = range(0, len(keys), CHUNK)
    for done, start in enumerate(starts):
        progress(done, len(starts), "", start)
        blocks = [compute(first) for first in range(start, min(start + CHUNK, len(keys)), BLOCK)]
        insert_traces(connection, blocks, window.missing)
    return len(keys)
