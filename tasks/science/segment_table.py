"""The table of segments: what may be shown of each customer, and sums of it by segment."""

from datetime import date
from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa

from model.disclosure import Names
from model.types import IntArray
from model.vocabulary import MAX_DEPTH, WITHHELD
from tasks.science.cut import NAMES, Cut, Shown
from warehouse.queries import query


class Dated(NamedTuple):
    """Of which date, window and model segments are."""

    as_of: date
    window_name: str
    model_version: str


def segments_of(cut: Cut, shown: Shown) -> pa.Table:
    """Return the segments of customers in the columns of segments.by_date.

    Args:
        cut: Where n customers stand.
        shown: What may be shown of all customers of the date.
    """
    depth = np.where(cut.reason == "", np.array(shown.depths)[cut.codes], 0)
    rows = np.arange(len(depth))
    reasons = np.where(cut.reason == "", WITHHELD, cut.reason)
    without = _replaced(reasons, dict(shown.words))
    segment = np.where(depth > 0, NAMES[cut.codes, depth - 1], without)
    margin, neighbour = cut.margins[rows, depth - 1], _neighbours(cut, depth, shown)
    columns = {"customer_key": cut.keys, "segment": segment}
    levels = {
        f"segment_{level + 1}": pa.array(NAMES[cut.codes, level], mask=depth <= level) for level in range(MAX_DEPTH)
    }
    bounds = {"margin": pa.array(margin, mask=depth == 0), "neighbour": pa.array(neighbour, mask=neighbour == "")}
    return pa.table(columns | {"depth": depth.astype(np.int8)} | levels | bounds)


def _replaced(labels: Names, words: dict[str, str]) -> Names:
    values, member = np.unique(labels, return_inverse=True)
    return np.array([words.get(str(value), str(value)) for value in values], dtype=object)[member].astype(np.str_)


def _neighbours(cut: Cut, depth: IntArray, shown: Shown) -> Names:
    """Return the name behind the nearest border that may be shown, (n,); "" where there is none."""
    names = {(code, behind): name for code, behind, name in shown.neighbours}
    behind = cut.behind[np.arange(len(depth)), depth - 1]
    pairs, member = np.unique(np.stack([cut.codes, behind]), axis=1, return_inverse=True)
    told = np.array([names.get((code, other), "") for code, other in pairs.T.tolist()], dtype=NAMES.dtype)
    return np.where(depth > 0, told[member.reshape(-1)], "") if len(told) else told


def enter_segments(connection: duckdb.DuckDBPyConnection, arriving: pa.Table, dated: Dated, bucket: int = 0) -> None:
    """Write segments, and their sums to ``segment_sums`` and ``segment_shares``.

    Args:
        connection: Inside a transaction of the lake, or of a lone engine.
        arriving: `segments_of` customers.
        dated: Of which date, window and model.
        bucket: Tells these customers from others.
    """
    connection.register("arriving", arriving)
    connection.execute(query("segments/insert_by_date"), dated._asdict())
    connection.unregister("arriving")
    of_bucket = {"as_of": dated.as_of, "window_name": dated.window_name, "bucket": bucket}
    for name in ("insert_sums", "insert_shares"):
        connection.execute(query(f"segments/{name}"), of_bucket)
