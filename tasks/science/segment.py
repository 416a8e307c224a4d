"""Segment: every customer's order of traits, at a depth where enough others share it, with its margin."""

from datetime import date

import duckdb
import pyarrow as pa

from tasks.science.candidates import SEGMENTS, read_candidate
from tasks.science.cut import Customers, cut_customers, decide, tally
from tasks.science.model_store import Model
from tasks.science.scope import open_scope
from tasks.science.segment_table import Dated, enter_segments, segments_of
from tasks.science.segment_units import Workers, ask_for_segments
from warehouse.queries import query
from warehouse.settings import Settings


def build_segments(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    model: Model,
    as_of: date,
    workers: Workers | None = None,
) -> int:
    """Write the segments of a candidate and their summary, inside a transaction.

    Args:
        connection: Inside a transaction; the features of the candidate are written.
        settings: `min_active_steps` and `min_segment_size`.
        model: The model of the candidate; its read-out cuts the cells, its window is the primary one.
        as_of: Business date.
        workers: Who cuts the segments of buckets of customers; None: all are cut here.

    Returns:
        Customers segmented; 0 when there is no candidate.
    """
    if read_candidate(connection, as_of) is None:
        return 0
    open_scope(connection, model.reference_version)
    for name in SEGMENTS:
        connection.execute(f"DELETE FROM candidates.{name} WHERE as_of = $1", [as_of])
    connection.execute(query("segments/create_sums"))
    if workers:
        customers = ask_for_segments(connection, settings, model, as_of, workers)
    else:
        customers = _segment_here(connection, settings, model, as_of)
    connection.execute(query("segments/insert_summary"), {"as_of": as_of, "model_version": model.version})
    return customers


def _segment_here(connection: duckdb.DuckDBPyConnection, settings: Settings, model: Model, as_of: date) -> int:
    dated = Dated(as_of, model.window_name, model.version)
    customers = connection.execute(query("segments/select_states"), dated._asdict()).fetchnumpy()
    arriving = segment_table(customers, model, settings)
    enter_segments(connection, arriving, dated)
    return int(arriving.num_rows)


def segment_table(customers: Customers, model: Model, settings: Settings) -> pa.Table:
    """Return the segments of all customers of a date in the columns of segments.by_date.

    Args:
        customers: Columns customer_key, active_steps, determined, h1, h2, h3.
        model: Read-out.
        settings: `min_active_steps` and `min_segment_size`.

    Raises:
        ModelError: All customers together are fewer than may be shown.
    """
    cut = cut_customers(customers, model.weights.readout, settings.min_active_steps)
    return segments_of(cut, decide(tally(cut), settings.min_segment_size))
