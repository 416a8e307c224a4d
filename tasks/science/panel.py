"""Panels: the shares of a set of customers as dense arrays, the border between tables and the maths."""

from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
from numpy.typing import NDArray

from model.types import BoolArray, FloatArray
from model.vocabulary import STEPS, TRAITS
from warehouse.queries import query


@dataclass(frozen=True)
class Panel:
    """Spending shares of n customers over T steps and C classes.

    Attributes:
        keys: Customer keys, (n,), ascending.
        shares: Part of each step's spending, (n, T, C); zeros in steps with no spend.
        mask: True where a step has spend, (n, T).
        totals: Classified spending per step, (n, T), units of currency.
    """

    keys: NDArray[np.int64]
    shares: FloatArray
    mask: BoolArray
    totals: FloatArray

    def take(self, rows: NDArray[np.int64] | BoolArray) -> "Panel":
        """Return the panel of some rows, in the order given."""
        return Panel(self.keys[rows], self.shares[rows], self.mask[rows], self.totals[rows])


def read_panel(
    connection: duckdb.DuckDBPyConnection, as_of: date, window_name: str, customers: str, classes: int
) -> Panel:
    """Read the shares of the customers of a temporary table; `open_scope` says under which reference set.

    Args:
        connection: A warehouse connection.
        as_of: Business date.
        window_name: ``annual`` or ``bimonthly``.
        customers: Name of a table with a column ``customer_key``.
        classes: Number of classes C.
    """
    dated = {"as_of": as_of, "window_name": window_name}
    cells = connection.execute(query("features/select_panel").format(customers=customers), dated).fetchnumpy()
    keys, rows = np.unique(cells["customer_key"].astype(np.int64), return_inverse=True)
    steps = cells["step"].astype(np.int64) - 1
    # Cents: sums of doubles would hang on the order of the rows.
    cents = np.bincount(rows * STEPS + steps, cells["cents"], minlength=len(keys) * STEPS).reshape(len(keys), STEPS)
    shares = np.zeros((len(keys), STEPS, classes))
    shares[rows, steps, cells["class_id"].astype(np.int64)] = cells["share"]
    return Panel(keys, shares, cents > 0, cents / 100)


def read_coefficients(connection: duckdb.DuckDBPyConnection) -> FloatArray:
    """Return the coefficients of the scope, (C, 5), classes ascending, traits in OCEAN order."""
    rows = connection.execute("SELECT class_id, trait, coefficient FROM coefficients").fetchall()
    count = connection.execute("SELECT count(*) FROM classes").fetchone() or (0,)
    coefficients = np.zeros((int(count[0]), len(TRAITS)))
    for class_id, trait, value in rows:
        coefficients[class_id, TRAITS.index(trait)] = value
    return coefficients
