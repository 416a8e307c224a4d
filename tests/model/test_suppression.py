"""Suppression: an attacker who knows all margins and all published cells finds no small group."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.suppression import protected_counts
from tests.model.attacker import most_in_cells


@st.composite
def tables(draw: st.DrawFn) -> np.ndarray:
    """Tables of moves as they are: most stay, some cells are empty, and small ones are common."""
    rows, columns = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    cells = st.one_of(st.just(0), st.integers(1, 12), st.integers(1, 80))
    return np.array(draw(st.lists(st.lists(cells, min_size=columns, max_size=columns), min_size=rows, max_size=rows)))


@settings(max_examples=50, deadline=None)
@given(table=tables(), min_size=st.integers(2, 25))
def test_each_cell_that_is_not_published_is_empty_or_may_hold_enough(table: np.ndarray, min_size: int) -> None:
    hidden = protected_counts(table, min_size)
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    published = {(int(i), int(j)): int(table[i, j]) for i, j in np.argwhere((table > 0) & ~hidden)}
    assert all(size >= min_size for size in published.values())
    for (row, column), high in most_in_cells(rows.tolist(), columns.tolist(), published).items():
        assert table[row, column] <= high
        # A row or column too small as a whole is protected by not publishing its sum.
        assert high == 0 or high >= min_size or min(rows[row], columns[column]) < min_size


def test_a_single_small_cell_takes_a_rectangle_with_it() -> None:
    table = np.array([[90, 3, 30], [40, 80, 30], [30, 40, 70]])
    hidden = protected_counts(table, 20)
    assert hidden[0, 1]
    assert (hidden.sum(axis=0)[hidden.any(axis=0)] > 1).all()
    assert (hidden.sum(axis=1)[hidden.any(axis=1)] > 1).all()


def test_a_published_cell_that_pins_two_small_ones_is_hidden_too() -> None:
    # Rows and columns hide 20 each, and yet the corner's block would fix both small cells at 10.
    table = np.array([[10, 10, 50], [10, 60, 30], [50, 40, 10]])
    hidden = protected_counts(table, 15)
    published = {(int(i), int(j)): int(table[i, j]) for i, j in np.argwhere(~hidden)}
    found = most_in_cells(table.sum(axis=1).tolist(), table.sum(axis=0).tolist(), published)
    assert all(high >= 15 for high in found.values())


def test_large_cells_alone_are_all_published() -> None:
    table = np.array([[20, 0, 30], [40, 80, 0], [0, 40, 70]])
    assert not protected_counts(table, 20).any()


def test_an_empty_table_has_nothing_to_hide() -> None:
    assert protected_counts(np.zeros((0, 0), dtype=np.int64), 20).shape == (0, 0)


@pytest.mark.parametrize("segments", [40, 75])
def test_a_table_of_many_segments_is_protected_within_seconds(segments: int) -> None:
    generator = np.random.default_rng(segments)
    table = generator.poisson(0.8, (segments, segments)) * generator.integers(1, 4, (segments, segments))
    table += np.diag(generator.integers(20, 400, segments))
    hidden = protected_counts(table, 20)
    assert hidden[(table > 0) & (table < 20)].all()
