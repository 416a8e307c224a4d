"""Features of a business date: computed for all customers; a step that another date has, too, is not written again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import duckdb

from model.vocabulary import WINDOWS
from tasks.intake.ingest import Progress, silent
from tasks.operation.held_traces import Ids
from tasks.operation.provenance import PERIODS, RELEASE, date_versions, is_current, recorded
from tasks.science.candidates import clear_candidate, enter_candidate, refused_traces
from tasks.science.feature_tables import insert_traces
from tasks.science.model_store import Model
from tasks.science.panel import read_coefficients, read_panel
from tasks.science.scope import open_scope
from tasks.science.trace import BLOCK, Features, compute_block
from tasks.science.traced import claim_missing, insert_traced, traced_steps
from warehouse.errors import ModelError
from warehouse.queries import query
from warehouse.settings import Settings

OTHER_WINDOW = dict(zip(WINDOWS, reversed(WINDOWS), strict=True))
CHUNK = 5 * BLOCK  # customers of one file a table and step


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
    done = Traced()
    for window_name in WINDOWS:
        done = done.and_window(*_build_window(connection, model, as_of, window_name, suspect, progress))
    enter_candidate(connection, as_of, model.version, made_from, run_id)
    return done


def _build_window(
    connection: duckdb.DuckDBPyConnection,
    model: Model,
    as_of: date,
    window_name: str,
    suspect: Ids,
    progress: Progress,
) -> tuple[int, int, int]:
    connection.execute(query("features/create_inputs"), {"as_of": as_of, "window_name": window_name})
    versioned = {"as_of": as_of, "window_name": window_name, "model_version": model.version}
    connection.execute(query("features/insert_inputs"), versioned)
    steps = traced_steps(connection, model, as_of, window_name)
    missing = claim_missing(connection, steps, suspect)
    insert_traced(connection, steps, model, as_of, window_name)
    customers = _compute(connection, model, as_of, window_name, missing, progress)
    return customers, sum(map(len, missing.values())), len(missing) * len(steps)


def _compute(
    connection: duckdb.DuckDBPyConnection,
    model: Model,
    as_of: date,
    window_name: str,
    missing: Mapping[str, Mapping[int, int]],
    progress: Progress,
) -> int:
    coefficients = read_coefficients(connection)
    keys = [row[0] for row in connection.execute("SELECT customer_key FROM inputs ORDER BY customer_key").fetchall()]

    def compute(first: int) -> Features:
        # The shares of one block at a time: they are much more than all that is made from them.
        last = min(first + BLOCK, len(keys)) - 1
        connection.execute(query("features/create_bucket"), [keys[first], keys[last]])
        panel = read_panel(connection, as_of, window_name, "bucket", len(coefficients))
        return compute_block(panel, coefficients, model)

    starts = range(0, len(keys), CHUNK)
    for done, start in enumerate(starts):
        progress(done, len(starts))
        blocks = [compute(first) for first in range(start, min(start + CHUNK, len(keys)), BLOCK)]
        insert_traces(connection, blocks, missing)
    return len(keys)
