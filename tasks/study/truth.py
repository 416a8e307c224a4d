"""The simulator's truth, read by the study alone and never by the pipeline."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from model.types import BoolArray, IntArray
from warehouse.queries import query


@dataclass(frozen=True)
class Truth:
    """What the simulator knows of n customers.

    Attributes:
        dominant: Position of the latent dominant trait at the end, (n,).
        switched: Whether the customer changed for life within the window, (n,).
    """

    dominant: IntArray
    switched: BoolArray

    def take(self, rows: NDArray[np.bool_]) -> "Truth":
        """Return the truth of some customers."""
        return Truth(self.dominant[rows], self.switched[rows])


def read_truth(connection: duckdb.DuckDBPyConnection, file: Path, as_of: date, keys: NDArray[np.int64]) -> Truth:
    """Read the truth of customers, in the order of their keys.

    Args:
        connection: A warehouse connection, for the keys.
        file: truth.parquet.
        as_of: Business date.
        keys: Customer keys, (n,).
    """
    columns = connection.execute(query("study/select_truth"), {"file": str(file), "as_of": as_of}).fetchnumpy()
    order = np.argsort(columns["customer_key"].astype(np.int64))
    rows = order[np.searchsorted(columns["customer_key"].astype(np.int64)[order], keys)]
    return Truth(columns["dominant"].astype(np.int64)[rows], columns["switched"].astype(np.bool_)[rows])
