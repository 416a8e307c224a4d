"""Segment: every customer's order of traits, at a depth where enough others share it, with its margin."""

from datetime import date

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from model.cells import margins, nearest_neighbours
from model.personality import dominance_order, segment_names
from model.types import BoolArray, FloatArray
from model.vocabulary import INSUFFICIENT, MAX_DEPTH, UNDETERMINED
from tasks.science.candidates import SEGMENTS, read_candidate
from tasks.science.model_store import Model
from tasks.science.scope import open_scope
from warehouse.queries import query
from warehouse.settings import Settings

Names = NDArray[np.str_]


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


def segment_table(found: dict[str, NDArray[np.generic]], model: Model, settings: Settings) -> pa.Table:
    """Return the segments of customers in the columns of segments.by_date.

    Args:
        found: Columns customer_key, active_steps, determined, h1, h2, h3.
        model: Read-out.
        settings: `min_active_steps` and `min_segment_size`.
    """
    states = np.column_stack([np.asarray(found[f"h{unit}"], dtype=np.float64) for unit in (1, 2, 3)])
    enough = found["active_steps"].astype(np.int64) >= settings.min_active_steps
    known: BoolArray = enough & found["determined"].astype(np.bool_)
    names = named_orders(states[known], model.weights.readout)
    depth = published_depth(names, settings.min_segment_size)
    margin, neighbour = borders(states[known], model.weights.readout, depth)
    rows = np.arange(len(depth))
    status = np.where(enough, UNDETERMINED, INSUFFICIENT)
    spread = {
        "segment": _spread(known, names[rows, depth - 1], status),
        "depth": _spread(known, depth.astype(np.int8), np.zeros(len(known), np.int8)),
    }
    spread |= {f"segment_{level + 1}": _spread(known, names[:, level], None) for level in range(MAX_DEPTH)}
    spread |= {"margin": _spread(known, margin, None), "neighbour": _spread(known, neighbour, None)}
    return pa.table({"customer_key": found["customer_key"].astype(np.int64)} | spread)


def named_orders(states: FloatArray, readout: FloatArray) -> Names:
    """Return segment names at every depth, (n, 4), of states (n, 3)."""
    order = dominance_order(states @ readout)
    return np.stack([segment_names(order, depth) for depth in range(1, MAX_DEPTH + 1)], axis=1)


def published_depth(names: Names, min_size: int) -> NDArray[np.int64]:
    """Return the depth, (n,), at which each customer is published.

    From the deepest up, those whose segment has too few members join their parent; depth 1 is published whatever
    its size.

    Args:
        names: Segment names by depth, (n, 4).
        min_size: Fewest members of a published segment.
    """
    rows = np.arange(len(names))
    depth = np.full(len(names), MAX_DEPTH)
    for level in range(MAX_DEPTH, 1, -1):
        published = names[rows, depth - 1]
        _, which, counts = np.unique(published, return_inverse=True, return_counts=True)
        depth = np.where((depth == level) & (counts[which] < min_size), level - 1, depth)
    return depth


def borders(states: FloatArray, readout: FloatArray, depth: NDArray[np.int64]) -> tuple[FloatArray, Names]:
    """Return the margin in radians, (n,), and the segment beyond it, (n,), at each customer's published depth."""
    margin = margins(states, readout)[np.arange(len(depth)), depth - 1]
    neighbour = np.full(len(depth), "", dtype="<U9")
    for level in range(1, MAX_DEPTH + 1):
        there = depth == level
        _, order = nearest_neighbours(states[there], readout, level)
        neighbour[there] = segment_names(order, level)
    return margin, neighbour


def _spread(known: BoolArray, values: NDArray[np.generic], otherwise: NDArray[np.generic] | None) -> pa.Array:
    """Put the values of known customers among all; the others get `otherwise`, or null."""
    at = np.cumsum(known) - 1
    padded = values[np.where(known, at, 0)] if len(values) else np.zeros(len(known), values.dtype)
    if otherwise is not None:
        return pa.array(np.where(known, padded, otherwise))
    return pa.array(padded, mask=~known)
