"""Features of a business date: carried over where a customer's input did not change, computed where it did."""

from dataclasses import dataclass
from datetime import date

import duckdb

from model.vocabulary import WINDOWS
from tasks.intake.ingest import Progress, silent
from tasks.operation.provenance import inputs_hash, is_current, record
from tasks.science.feature_tables import TABLES, insert_features
from tasks.science.model_store import Model
from tasks.science.panel import read_coefficients, read_panel
from tasks.science.trace import BLOCK, compute_blocks
from warehouse.queries import query

OTHER_WINDOW = dict(zip(WINDOWS, reversed(WINDOWS), strict=True))
CHUNK = 5 * BLOCK


@dataclass(frozen=True)
class Traced:
    """Customers of both windows, by what became of their features."""

    computed: int = 0
    carried: int = 0


def refresh_features(
    connection: duckdb.DuckDBPyConnection, model: Model, as_of: date, run_id: str, progress: Progress = silent
) -> Traced | None:
    """Write features.* of one date for both windows, inside a transaction; the result equals a full computation.

    Args:
        connection: Inside a transaction.
        model: The champion; nothing is fitted here.
        as_of: Business date.
        run_id: Recorded as the writer.
        progress: Called with chunks done and in total.

    Returns:
        Customers computed and carried over; None when this very input and model were traced before.
    """
    inputs = f"{inputs_hash(connection)}:{model.version}"
    if is_current(connection, as_of, "features", inputs):
        return None
    done = Traced()
    for window_name in WINDOWS:
        window = _refresh_window(connection, model, as_of, window_name, progress)
        done = Traced(done.computed + window.computed, done.carried + window.carried)
    record(connection, as_of, "features", inputs, run_id)
    return done


def _refresh_window(
    connection: duckdb.DuckDBPyConnection, model: Model, as_of: date, window_name: str, progress: Progress
) -> Traced:
    which: dict[str, object] = {"as_of": as_of, "window_name": window_name}
    connection.execute(query("features/create_inputs"), which)
    versioned = which | {"model_version": model.version}
    source = connection.execute(query("features/select_source_date"), versioned).fetchone()
    origin = {"source_date": source[0] if source else None, "window_name": window_name, "model_version": model.version}
    connection.execute(query("features/create_changed"), origin)
    _carry_over(connection, which, origin)
    connection.execute(query("features/insert_inputs"), versioned)
    computed = _compute_changed(connection, model, as_of, window_name, progress)
    total = connection.execute("SELECT count(*) FROM inputs").fetchone() or (0,)
    return Traced(computed, total[0] - computed)


def _carry_over(connection: duckdb.DuckDBPyConnection, which: dict[str, object], origin: dict[str, object]) -> None:
    for table in TABLES:
        connection.execute(query("features/create_carried").format(table=table), origin | {"as_of": which["as_of"]})
        connection.execute(f"DELETE FROM {table} WHERE as_of = $as_of AND window_name = $window_name", which)
        connection.execute(f"INSERT INTO {table} SELECT * FROM carried")
    connection.execute("DELETE FROM features.inputs WHERE as_of = $as_of AND window_name = $window_name", which)


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
