"""Features of a business date: carried over where a customer's input did not change, computed where it did."""

from dataclasses import dataclass
from datetime import date

import duckdb

from model.vocabulary import WINDOWS
from tasks.intake.ingest import Progress, silent
from tasks.operation.code_version import DATE, code_version
from tasks.operation.provenance import PERIODS, RELEASE, date_versions, is_current, recorded
from tasks.science.candidates import clear_candidate, enter_candidate
from tasks.science.feature_tables import TABLES, insert_features
from tasks.science.model_store import Model
from tasks.science.panel import read_coefficients, read_panel
from tasks.science.scope import open_scope
from tasks.science.trace import BLOCK, compute_blocks
from warehouse.errors import ModelError
from warehouse.queries import query
from warehouse.settings import Settings

OTHER_WINDOW = dict(zip(WINDOWS, reversed(WINDOWS), strict=True))
CHUNK = 5 * BLOCK


@dataclass(frozen=True)
class Traced:
    """Customers of both windows, by what became of their features."""

    computed: int = 0
    carried: int = 0


def build_features(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    model: Model,
    as_of: date,
    run_id: str,
    progress: Progress = silent,
) -> Traced | None:
    """Write the features of one date for both windows as a candidate, inside a transaction.

    Customers whose input did not change are carried over from the newest released date; the result equals a full
    computation.

    Args:
        connection: Inside a transaction.
        settings: The rule is part of what a date is made from.
        model: The model to apply; nothing is fitted here.
        as_of: Business date.
        run_id: Recorded as the writer.
        progress: Called with chunks done and in total.

    Returns:
        Customers computed and carried over; None when the released date was made from these very versions.
    """
    clear_candidate(connection, as_of)
    periods = recorded(connection, as_of, PERIODS)
    if not periods:  # a maintenance at the same time has let go of them: nobody's spending would be published
        raise ModelError(f"there are no periods of {as_of} to make features from: run it again")
    made_from = date_versions(connection, settings, as_of, periods, model.version)
    if is_current(connection, as_of, RELEASE, made_from):
        return None
    open_scope(connection, model.reference_version)
    done = Traced()
    for window_name in WINDOWS:
        window = _build_window(connection, model, as_of, window_name, progress)
        done = Traced(done.computed + window.computed, done.carried + window.carried)
    enter_candidate(connection, as_of, model.version, made_from, run_id)
    return done


def _build_window(
    connection: duckdb.DuckDBPyConnection, model: Model, as_of: date, window_name: str, progress: Progress
) -> Traced:
    window: dict[str, object] = {"as_of": as_of, "window_name": window_name}
    connection.execute(query("features/create_inputs"), window)
    versioned = window | {"model_version": model.version}
    newest = query("features/select_source_date"), versioned | {"code": code_version(*DATE)}
    source = connection.execute(*newest).fetchone()
    origin = {"source_date": source[0] if source else None, "window_name": window_name, "model_version": model.version}
    connection.execute(query("features/create_changed"), origin)
    for table in TABLES:
        connection.execute(query("features/insert_carried").format(table=table), origin | {"as_of": as_of})
    connection.execute(query("features/insert_inputs"), versioned)
    computed = _compute_changed(connection, model, as_of, window_name, progress)
    total = connection.execute("SELECT count(*) FROM inputs").fetchone() or (0,)
    return Traced(computed, total[0] - computed)


def _compute_changed(
    connection: duckdb.DuckDBPyConnection, model: Model, as_of: date, window_name: str, progress: Progress
) -> int:
    coefficients = read_coefficients(connection)
    keys = [row[0] for row in connection.execute("SELECT customer_key FROM changed ORDER BY customer_key").fetchall()]
    starts = range(0, len(keys), CHUNK)
    for done, start in enumerate(starts):
        progress(done, len(starts))
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE bucket AS FROM changed WHERE customer_key BETWEEN $1 AND $2",
            [keys[start], keys[min(start + CHUNK, len(keys)) - 1]],
        )
        panel = read_panel(connection, as_of, window_name, "bucket", len(coefficients))
        insert_features(connection, compute_blocks(panel, coefficients, model), model, as_of, window_name)
    return len(keys)
