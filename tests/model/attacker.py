"""A reader who adds, subtracts and solves: what published figures say about those that are not published."""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.optimize import linprog


def margins_matrix(rows: int, columns: int) -> np.ndarray:
    """Sums of each row and each column of a table of unknowns, (rows + columns, rows * columns)."""
    cells = np.arange(rows * columns)
    by_row = cells // columns == np.arange(rows)[:, None]
    by_column = cells % columns == np.arange(columns)[:, None]
    return np.vstack([by_row, by_column]).astype(float)


def most_in_cells(
    rows: Sequence[int], columns: Sequence[int], published: Mapping[tuple[int, int], int], loose: bool = False
) -> dict[tuple[int, int], int]:
    """Most customers that a cell may hold, for every cell that is not published.

    Where that is 0 or enough for every cell, nobody can show of any set of cells that it holds some, but few.

    Args:
        rows: Known sums of the rows.
        columns: Known sums of the columns.
        published: Known cells.
        loose: The last row's and the last column's sums are not known.
    """
    shape = len(rows), len(columns)
    matrix, sums = margins_matrix(*shape), np.array([*rows, *columns], dtype=float)
    known = np.zeros(shape, bool)
    for cell, value in published.items():
        known[cell] = True
        sums -= matrix[:, cell[0] * shape[1] + cell[1]] * value
    told = np.full(len(sums), True)
    if loose:
        told[[shape[0] - 1, -1]] = False
    unknown = np.flatnonzero(~known.reshape(-1))
    found = {}
    for position, place in enumerate(unknown.tolist()):
        aim = np.zeros(len(unknown))
        aim[position] = 1
        solved = linprog(-aim, A_eq=matrix[np.ix_(told, unknown)], b_eq=sums[told], bounds=(0, 1e4), method="highs")
        assert solved.status == 0, "the published figures contradict each other"
        found[place // shape[1], place % shape[1]] = round(-solved.fun)
    return found
