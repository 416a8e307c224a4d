"""Segment: every customer's order of traits, at a depth where enough others share it, with its margin."""

from datetime import date

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from model.cells import margins, nearest_neighbours
from model.disclosure import Names, pooled, published_depth, published_neighbours
from model.personality import dominance_order, segment_names
from model.types import BoolArray, FloatArray, IntArray
from model.vocabulary import INSUFFICIENT, MAX_DEPTH, UNASSIGNED, UNDETERMINED, WITHHELD
from tasks.science.candidates import SEGMENTS, read_candidate
from tasks.science.model_store import Model
from tasks.science.scope import open_scope
from warehouse.errors import ModelError
from warehouse.queries import query
from warehouse.settings import Settings


def build_segments(connection: duckdb.DuckDBPyConnection, settings: Settings, model: Model, as_of: date) -> int:
    """Write the segments of a candidate and their summary, inside a transaction.

    Args:
        connection: Inside a transaction; the features of the candidate are written.
        settings: `min_active_steps` and `min_segment_size`.
        model: The model of the candidate; its read-out cuts the cells, its window is the primary one.
        as_of: Business date.

    Returns:
        Customers segmented; 0 when there is no candidate.
    """
    if read_candidate(connection, as_of) is None:
        return 0
    open_scope(connection, model.reference_version)
    versioned = {"as_of": as_of, "window_name": model.window_name, "model_version": model.version}
    states = connection.execute(query("segments/select_states"), versioned).fetchnumpy()
    arriving = segment_table(states, model, settings)
    for name in SEGMENTS:
        connection.execute(f"DELETE FROM candidates.{name} WHERE as_of = $1", [as_of])
    connection.register("arriving", arriving)
    connection.execute(query("segments/insert_by_date"), versioned)
    connection.unregister("arriving")
    connection.execute(query("segments/insert_summary"), versioned)
    return int(arriving.num_rows)


def segment_table(customers: dict[str, NDArray[np.generic]], model: Model, settings: Settings) -> pa.Table:
    """Return the segments of customers in the columns of segments.by_date.

    Args:
        customers: Columns customer_key, active_steps, determined, h1, h2, h3.
        model: Read-out.
        settings: `min_active_steps` and `min_segment_size`.

    Raises:
        ModelError: All customers together are fewer than may be shown.
    """
    count, least = len(customers["customer_key"]), settings.min_segment_size
    if 0 < count < least:
        raise ModelError(f"{count} customers are known by this date, and groups below {least} are not published")
    states = np.column_stack([np.asarray(customers[f"h{unit}"], dtype=np.float64) for unit in (1, 2, 3)])
    enough = customers["active_steps"].astype(np.int64) >= settings.min_active_steps
    known: BoolArray = enough & customers["determined"].astype(np.bool_)
    names = named_orders(states, model.weights.readout)
    depth = np.zeros(count, dtype=np.int64)
    depth[known] = published_depth(names[known], least, without=int((~known).sum()))
    reason = np.select([~enough, ~known], [INSUFFICIENT, UNDETERMINED], WITHHELD)
    reason[depth == 0] = pooled(reason[depth == 0], least, UNASSIGNED)
    segment = np.where(depth > 0, names[np.arange(count), depth - 1], reason)
    margin, neighbour = borders(states, model.weights.readout, depth)
    neighbour = published_neighbours(neighbour, np.where(depth > 0, segment, ""), least)
    columns = {"customer_key": customers["customer_key"].astype(np.int64), "segment": segment}
    levels = {f"segment_{level + 1}": pa.array(names[:, level], mask=depth <= level) for level in range(MAX_DEPTH)}
    bounds = {"margin": pa.array(margin, mask=depth == 0), "neighbour": pa.array(neighbour, mask=neighbour == "")}
    return pa.table(columns | {"depth": depth.astype(np.int8)} | levels | bounds)


def named_orders(states: FloatArray, readout: FloatArray) -> Names:
    """Return segment names at every depth, (n, 4), of states (n, 3)."""
    order = dominance_order(states @ readout)
    return np.stack([segment_names(order, depth) for depth in range(1, MAX_DEPTH + 1)], axis=1)


def borders(states: FloatArray, readout: FloatArray, depth: IntArray) -> tuple[FloatArray, Names]:
    """Return the margin in radians, (n,), and the segment beyond it, (n,), at each customer's depth; "" at depth 0."""
    margin = margins(states, readout)[np.arange(len(depth)), depth - 1]
    neighbour = np.full(len(depth), "", dtype="<U9")
    for level in range(1, MAX_DEPTH + 1):
        there = depth == level
        _, order = nearest_neighbours(states[there], readout, level)
        neighbour[there] = segment_names(order, level)
    return margin, neighbour
