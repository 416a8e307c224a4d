"""Suppression: which cells of a two-way table of counts to hide, when its row and column sums are known."""

from typing import NamedTuple

import numpy as np

from model.types import BoolArray, IntArray

Cell = tuple[int, int]


def protected_counts(table: IntArray, min_size: int) -> BoolArray:
    """Return the cells to hide, (r, c), so that no small group can be worked out of the others and the margins.

    Cells below the minimum are hidden first, then, in each row and column, the smallest others until the hidden total
    is none or enough. A reader takes a cell that is not published for anything from 0 up that fits the margins, empty
    cells too. So each such cell must either be known to be empty or be able to hold `min_size` customers: then no set
    of cells that are not published can be shown to hold some, but fewer than that. Where a cell can't, the published
    cell that stands in its way is hidden as well.

    A row or a column that is too small as a whole can only be hidden whole: its sum must not be published.

    Args:
        table: Counts, (r, c).
        min_size: Fewest customers of a group that may be seen.

    >>> table = np.array([[90, 3, 30], [40, 80, 30], [30, 40, 70]])
    >>> protected_counts(table, 20).astype(int)
    array([[0, 1, 1],
           [1, 0, 1],
           [1, 1, 0]])
    """
    hidden = (table > 0) & (table < min_size)
    while (cell := _thin_margin(table, hidden, min_size)) is not None:
        hidden[cell] = True
    safe = np.zeros_like(hidden)
    while (doubtful := _doubtful(table, hidden, min_size) & ~safe).any():
        for place in np.argwhere(doubtful):
            cell = (int(place[0]), int(place[1]))
            while (blocking := _blocking(table, hidden, cell, min_size)) is not None:
                hidden[blocking] = True
            # Hiding more only widens what a cell may hold, so one that is safe stays safe.
            safe[cell] = True
    return hidden


def _thin_margin(table: IntArray, hidden: BoolArray, min_size: int) -> Cell | None:
    """Return the smallest published cell of a row or column whose hidden total is some, but not enough."""
    secret = np.where(hidden, table, 0)
    rows, columns = (_thin(secret.sum(axis=axis), table.sum(axis=axis), min_size) for axis in (1, 0))
    return _smallest(table, ~hidden & (rows[:, None] | columns[None, :]))


def _thin(hidden: IntArray, total: IntArray, min_size: int) -> BoolArray:
    return (hidden > 0) & (hidden < min_size) & (total >= min_size)


def _smallest(table: IntArray, among: BoolArray) -> Cell | None:
    places = np.argwhere(among & (table > 0))
    if not len(places):
        return None
    best = places[np.argmin(table[places[:, 0], places[:, 1]])]
    return int(best[0]), int(best[1])


def _doubtful(table: IntArray, hidden: BoolArray, min_size: int) -> BoolArray:
    """Cells that are not published and may hold somebody, in rows and columns that are large enough."""
    secret = np.where(hidden, table, 0)
    rows, columns = ((secret.sum(axis=axis) > 0) & (table.sum(axis=axis) >= min_size) for axis in (1, 0))
    return np.asarray((hidden | (table == 0)) & rows[:, None] & columns[None, :])


def _blocking(table: IntArray, hidden: BoolArray, cell: Cell, min_size: int) -> Cell | None:
    """Return the published cell to hide so that `cell` may hold more; None when it may hold `min_size`.

    The cell is raised step by step, all sums kept: another cell of its row is lowered, a third one in that column
    raised, and so on until one of the cell's own column is lowered. How far that goes is a maximum flow from row to
    column; where it ends, the cells of the minimum cut are in the way.
    """
    row, column = cell
    unlisted = hidden | (table == 0)
    held = np.where(unlisted, table, 0)
    missing = min_size - int(held[cell])
    held[cell] = 0
    if _plainly(held, unlisted, cell, missing):
        return None
    while missing > 0:
        reach = _reach(held, unlisted, row, column)
        if reach.from_row[column] < 0:
            crosses = reach.rows[:, None] != (reach.from_row >= 0)[None, :]
            return _smallest(table, ~unlisted & crosses)
        missing -= _push(held, reach, row, column, missing)
    return None


def _plainly(held: IntArray, unlisted: BoolArray, cell: Cell, missing: int) -> bool:
    """Whether enough can be shifted along rectangles alone; a quick way out for most cells."""
    row, column = cell
    supply, demand = held[row], held[:, column]
    if min(supply.sum(), demand.sum()) < missing:
        return missing <= 0
    free_columns = unlisted[demand > 0].all(axis=0)
    free_rows = unlisted[:, supply > 0].all(axis=1)
    return bool(supply[free_columns].sum() >= missing or demand[free_rows].sum() >= missing)


class _Reach(NamedTuple):
    """Rows reached, (r,), from which column, (r,), and columns from which row, (c,); -1 where not reached."""

    rows: BoolArray
    from_column: IntArray
    from_row: IntArray


def _reach(held: IntArray, unlisted: BoolArray, row: int, column: int) -> _Reach:
    """Walk from a row: to a column by lowering a cell that holds some, on to a row by raising any."""
    reach = _Reach(np.zeros(len(held), np.bool_), np.full(len(held), -1), np.full(held.shape[1], -1))
    frontier = np.array([row])
    while len(frontier) and reach.from_row[column] < 0:
        reach.rows[frontier] = True
        lowered = held[frontier] > 0
        columns = np.flatnonzero(lowered.any(axis=0) & (reach.from_row < 0))
        reach.from_row[columns] = frontier[lowered[:, columns].argmax(axis=0)]
        if not len(columns):
            break
        raised = unlisted[:, columns]
        frontier = np.flatnonzero(raised.any(axis=1) & ~reach.rows)
        reach.from_column[frontier] = columns[raised[frontier].argmax(axis=1)]
    return reach


def _push(held: IntArray, reach: _Reach, row: int, column: int, most: int) -> int:
    """Shift customers along the way back from a column to a row, and return how many."""
    lowered, raised = [(int(reach.from_row[column]), column)], []
    while (last := lowered[-1][0]) != row:
        between = int(reach.from_column[last])
        raised.append((last, between))
        lowered.append((int(reach.from_row[between]), between))
    amount = min(most, *(int(held[cell]) for cell in lowered))
    for cell in lowered:
        held[cell] -= amount
    for cell in raised:
        held[cell] += amount
    return amount
