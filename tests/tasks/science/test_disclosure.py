"""What readers get of two dates: an attacker who adds, subtracts and solves finds no group below the minimum."""

from itertools import combinations
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, example, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from model.disclosure import publishable_moves
from model.vocabulary import GONE, MAX_DEPTH, NEW, OTHER, WITHOUT_SEGMENT
from tasks.science.segment import segment_table
from tests.model.attacker import most_in_cells
from warehouse.errors import ModelError
from warehouse.settings import Settings

if TYPE_CHECKING:
    from tasks.science.model_store import Model

COLUMNS = ("segment", "depth", "segment_1", "segment_2", "segment_3", "segment_4", "neighbour")


class Population:
    """Customers of two dates, drawn about a few directions so that segments of all sizes occur."""

    def __init__(self, seed: int, count: int, unknown: float) -> None:
        self.random = np.random.default_rng(seed)
        weights = SimpleNamespace(readout=self.random.standard_normal((3, 5)))
        self.model = cast("Model", SimpleNamespace(weights=weights))
        centres = self.random.standard_normal((self.random.integers(1, 6), 3))
        self.states = centres[self.random.integers(len(centres), size=count)] * self.random.uniform(0, 2, (count, 1))
        self.states += 0.3 * self.random.standard_normal((count, 3))
        self.unknown = unknown

    def night(self, settings: Settings) -> pa.Table:
        """Most customers, a little moved; some have too few steps, some no direction."""
        self.states += 0.05 * self.random.standard_normal(self.states.shape)
        keys = np.flatnonzero(self.random.random(len(self.states)) < 0.97)
        found: dict[str, Any] = {f"h{unit}": self.states[keys, unit - 1] for unit in (1, 2, 3)}
        found |= {"customer_key": keys, "determined": self.random.random(len(keys)) >= self.unknown}
        found["active_steps"] = np.where(self.random.random(len(keys)) < self.unknown, 1, 6)
        return segment_table(found, self.model, settings)


populations = st.builds(
    Population,
    seed=st.integers(0, 2**32 - 1),
    count=st.one_of(st.integers(10, 60), st.integers(60, 1500)),
    unknown=st.sampled_from([0.0, 0.002, 0.05, 0.6]),
)
sizes = st.sampled_from([10, 11, 20, 50])


def groups(table: pa.Table) -> dict[tuple[str, object], frozenset[int]]:
    """Customers by column and value: what a reader counts."""
    keys = table["customer_key"].to_pylist()
    found: dict[tuple[str, object], set[int]] = {}
    for column in COLUMNS:
        for key, value in zip(keys, table[column].to_pylist(), strict=True):
            found.setdefault((column, value), set()).add(key)
    return {name: frozenset(members) for name, members in found.items()}


def published(population: Population, min_size: int) -> pa.Table:
    try:
        return population.night(Settings(min_segment_size=min_size))
    except ModelError:
        assume(False)
    raise AssertionError


@examples(max_examples=60, deadline=None)
@given(population=populations, min_size=sizes)
def test_no_column_shows_a_small_group_and_no_difference_gives_one(population: Population, min_size: int) -> None:
    found = groups(published(population, min_size))
    assert all(len(members) >= min_size for members in found.values())
    tree = {name: members for name, members in found.items() if name[0] != "neighbour"}
    for one, two in combinations(tree.values(), 2):
        for larger, smaller in ((one, two), (two, one)):
            assert not smaller < larger or len(larger - smaller) >= min_size
    for (column, name), members in tree.items():
        if column.startswith("segment_") and name is not None:
            deeper = f"segment_{int(column[-1]) + 1}"
            children = [m for (c, child), m in tree.items() if c == deeper and str(child).startswith(f"{name}.")]
            assert len(members.difference(*children)) in {0, *range(min_size, len(members) + 1)}


@examples(max_examples=60, deadline=None)
@given(population=populations, min_size=sizes)
def test_names_go_as_deep_as_published_and_neighbours_are_published_too(population: Population, min_size: int) -> None:
    table = published(population, min_size)
    known = {name for column in COLUMNS[2:6] for name in table[column].to_pylist()}
    for row in table.to_pylist():
        assert (row["depth"] == 0) == (row["segment"] in WITHOUT_SEGMENT) == (row["margin"] is None)
        for level in range(1, MAX_DEPTH + 1):
            prefix = ".".join(row["segment"].split(".")[:level]) if level <= row["depth"] else None
            assert row[f"segment_{level}"] == prefix
        if row["neighbour"] is not None:
            assert row["neighbour"] in known
            assert not f"{row['segment']}.".startswith(f"{row['neighbour']}.")


@examples(max_examples=25, deadline=None)
@example(population=Population(seed=5832, count=27, unknown=0.0), min_size=10)  # one is new and one gone
@given(population=populations, min_size=st.sampled_from([10, 20]))
def test_nobody_works_a_small_group_out_of_two_dates(population: Population, min_size: int) -> None:
    before, after = (
        {row["customer_key"]: row["segment"] for row in published(population, min_size).to_pylist()} for _ in range(2)
    )
    moves: dict[tuple[str, str], int] = {}
    for key in before.keys() | after.keys():
        pair = before.get(key, NEW), after.get(key, GONE)
        moves[pair] = moves.get(pair, 0) + 1
    shown = publishable_moves(moves, min_size)
    assert all(size >= min_size for size in shown.values())
    # The last row and column are those whose sums the sizes of the segments don't tell.
    rows, columns = ([*sorted(set(side.values())), last] for side, last in ((before, NEW), (after, GONE)))
    assume(len(rows) * len(columns) <= 64)
    sums = [sum(n for pair, n in moves.items() if pair[0] == row) for row in rows]
    across = [sum(n for pair, n in moves.items() if pair[1] == column) for column in columns]
    cells = {(rows.index(a), columns.index(b)): n for (a, b), n in shown.items() if a != OTHER}
    cells[len(rows) - 1, len(columns) - 1] = 0
    # Told sums that nobody publishes, of the few who are new or gone, one works out more; as published (`loose`) not.
    is_told_too_much = any(0 < total < min_size for total in (*sums, *across))
    for loose in (False, True):
        for (row, column), high in most_in_cells(sums, across, cells, loose).items():
            assert moves.get((rows[row], columns[column]), 0) <= high
            assert high == 0 or high >= min_size or (not loose and is_told_too_much)


def test_fewer_customers_than_the_minimum_are_one_clear_line() -> None:
    with pytest.raises(
        ModelError, match=r"^9 customers are known by this date, and groups below 10 are not published$"
    ):
        Population(1, 9, 0.0).night(Settings(min_segment_size=10))
