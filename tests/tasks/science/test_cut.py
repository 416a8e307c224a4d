"""Cut: counts decide what the rules say of customers one by one, and a customer stands where he stands."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from model.disclosure import pooled, published_depth, published_neighbours
from model.types import FloatArray
from model.vocabulary import INSUFFICIENT, UNASSIGNED, UNDETERMINED, WITHHELD
from tasks.science.cut import NAMES, Customers, Tally, cut_customers, decide, tally
from tasks.science.segment_table import segments_of
from warehouse.errors import ModelError


def population(seed: int, count: int, unknown: float) -> tuple[Customers, FloatArray]:
    """Customers about a few directions, some without one, some with too few steps; and a read-out."""
    random = np.random.default_rng(seed)
    centres = random.standard_normal((random.integers(1, 6), 3))
    states = centres[random.integers(len(centres), size=count)] + 0.3 * random.standard_normal((count, 3))
    customers: Customers = {f"h{unit + 1}": states[:, unit] for unit in range(3)}
    customers |= {"customer_key": np.arange(count), "determined": random.random(count) >= unknown}
    customers |= {"active_steps": np.where(random.random(count) < unknown, 1, 6)}
    return customers, random.standard_normal((3, 5))


populations = st.builds(
    population, st.integers(0, 2**32 - 1), st.integers(30, 900), st.sampled_from([0.0, 0.005, 0.02, 0.4])
)


@given(population=populations, least=st.sampled_from([10, 20, 30]), parts=st.integers(1, 4))
@examples(max_examples=60, deadline=None)
def test_counts_decide_as_the_rules_do_for_each_customer(
    population: tuple[Customers, FloatArray], least: int, parts: int
) -> None:
    cut = cut_customers(*population, 3)
    known = cut.reason == ""
    names, rows = NAMES[cut.codes], np.arange(len(known))
    depth = np.zeros(len(known), dtype=np.int64)
    depth[known] = published_depth(names[known], least, without=int((~known).sum()))
    words = np.where(known, WITHHELD, cut.reason)
    words[depth == 0] = pooled(words[depth == 0], least, UNASSIGNED)
    segment = np.where(depth > 0, names[rows, depth - 1], words)
    behind = np.where(depth > 0, NAMES[cut.behind[rows, depth - 1], depth - 1], "")
    neighbour = published_neighbours(behind, np.where(depth > 0, segment, ""), least)

    whole, readout = population
    counted = Tally()
    for part in range(parts):
        counted = counted.plus(tally(cut_customers({name: whole[name][part::parts] for name in whole}, readout, 3)))
    shown = segments_of(cut, decide(counted, least))
    assert shown["segment"].to_pylist() == segment.tolist()
    assert [name or "" for name in shown["neighbour"].to_pylist()] == neighbour.tolist()
    assert set(cut.reason.tolist()) <= {"", INSUFFICIENT, UNDETERMINED}


def test_a_customer_stands_where_he_stands_whoever_is_beside() -> None:
    customers, readout = population(3, 5_000, 0.0)
    whole = cut_customers(customers, readout, 3)
    for size in (1, 2, 3, 7, 4_096):
        for first in range(0, 5_000, max(size, 499)):
            part = cut_customers({name: customers[name][first : first + size] for name in customers}, readout, 3)
            there = slice(first, first + size)
            assert (part.margins == whole.margins[there]).all()
            assert (part.behind == whole.behind[there]).all()


def test_nobody_at_all_is_no_group_that_is_too_small() -> None:
    assert decide(Tally(), 20).neighbours == ()
    with pytest.raises(ModelError, match="5 customers are known by this date"):
        decide(tally(cut_customers(*population(1, 5, 0.0), 3)), 20)
