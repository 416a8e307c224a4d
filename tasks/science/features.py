"""Features of a business date: computed for all customers; a step that another date has, too, is not written again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import duckdb

from model.vocabulary import WINDOWS
from tasks.operation.held_traces import Ids
from tasks.operation.provenance import PERIODS, RELEASE, date_versions, is_current, recorded
from tasks.science.candidates import clear_candidate, enter_candidate, refused_traces
from tasks.science.model_store import Model
from tasks.science.panel import read_coefficients
from tasks.science.scope import open_scope
from tasks.science.trace_units import ask_all
from tasks.science.traced import claim_missing, insert_traced, traced_steps
from tasks.science.window import Window, trace_window, window_of
from tasks.units.progress import Progress, silent
from tasks.units.unit import Ask
from warehouse.errors import ModelError
from warehouse.queries import query
from warehouse.settings import Settings

OTHER_WINDOW = dict(zip(WINDOWS, reversed(WINDOWS), strict=True))
# Computes and writes a window; returns the number of customers.
Write = Callable[[Window], int]


@dataclass(frozen=True)
class Traced:
    """What was made of a date in both windows.

    Attributes:
        customers: Customers and windows computed.
        written: Scores and states of steps that no date had yet.
        steps: Scores and states that the date has, two a step.
    """

    customers: int = 0
    written: int = 0
    steps: int = 0

    def and_window(self, customers: int, written: int, steps: int) -> "Traced":
        """Return it with one more window."""
        return Traced(self.customers + customers, self.written + written, self.steps + steps)


def build_features(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    model: Model,
    as_of: date,
    run_id: str,
    progress: Progress = silent,
    ask: Ask | None = None,
) -> Traced | None:
    """Write the features of one date for both windows as a candidate, inside a transaction.

    Scores and states of steps that another date has from the same periods are not written again.

    Args:
        connection: Inside a transaction.
        settings: The rule is part of what a date is made from.
        model: The model to apply; nothing is fitted here.
        as_of: Business date.
        run_id: Recorded as the writer.
        progress: Called with chunks done and in total.
        ask: Answers to units, of buckets of customers; None: all are computed here.

    Returns:
        What was made; None when the released date was made from these very versions.
    """
    suspect = refused_traces(connection, as_of)
    clear_candidate(connection, as_of)
    periods = recorded(connection, as_of, PERIODS)
    if not periods:  # a maintenance at the same time has let go of them: nobody's spending would be published
        raise ModelError(f"there are no periods of {as_of} to make features from: run it again")
    made_from = date_versions(connection, settings, as_of, periods, model.version)
    if is_current(connection, as_of, RELEASE, made_from):
        return None
    # Before what others have is looked at: two dates of a month would each write what they share.
    connection.execute(query("raw/take_turn"), {"load_id": f"features {as_of}"})
    open_scope(connection, model.reference_version)
    coefficients = read_coefficients(connection)

    def write(window: Window) -> int:
        if ask is None:
            return trace_window(connection, model, coefficients, window, progress)
        return ask_all(connection, settings, model, coefficients, window, ask)

    done = Traced()
    for window_name in WINDOWS:
        done = done.and_window(*_build_window(connection, model, as_of, window_name, suspect, write))
    enter_candidate(connection, as_of, model.version, made_from, run_id)
    return done


def _build_window(
    connection: duckdb.DuckDBPyConnection,
    model: Model,
    as_of: date,
    window_name: str,
    suspect: Ids,
    write: Write,
) -> tuple[int, int, int]:
    steps = traced_steps(connection, model, as_of, window_name)
    missing = claim_missing(connection, steps, suspect)
    insert_traced(connection, steps, model, as_of, window_name)
    customers = write(window_of(as_of, window_name, steps, missing))
    return customers, sum(map(len, missing.values())), len(missing) * len(steps)
