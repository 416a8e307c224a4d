"""Disclosure: who joins whom until nobody is left over in too small a group."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from model.disclosure import joining, pooled, publishable_moves, published_depth, published_neighbours
from model.vocabulary import GONE, MAX_DEPTH, NEW, OTHER


def names_of(sizes: dict[str, int]) -> np.ndarray:
    """Names at every depth of as many customers as the full orders have."""
    orders = [order for order, size in sizes.items() for _ in range(size)]
    return np.array([[".".join(order[:depth]) for depth in range(1, MAX_DEPTH + 1)] for order in orders])


def published(sizes: dict[str, int], min_size: int, without: int = 0) -> dict[str, int]:
    """Customers by published name."""
    names = names_of(sizes)
    depth = published_depth(names, min_size, without)
    segments = np.where(depth > 0, names[np.arange(len(names)), depth - 1], "")
    return {str(name): int((segments == name).sum()) for name in np.unique(segments)}


def test_large_segments_are_published_in_full() -> None:
    assert published({"EAOC": 20, "EAON": 25}, 20) == {"E.A.O.C": 20, "E.A.O.N": 25}


def test_few_left_over_take_the_smallest_sibling_along() -> None:
    assert published({"EAOC": 30, "EAON": 40, "EACO": 3}, 20) == {"E.A": 33, "E.A.O.N": 40}


def test_enough_left_over_take_nobody_along() -> None:
    assert published({"EAOC": 30, "EACO": 12, "EACN": 12}, 20) == {"E.A.C": 24, "E.A.O.C": 30}


def test_a_trait_of_one_customer_is_withheld_with_the_smallest_segment() -> None:
    assert published({"EAOC": 100, "EANO": 30, "CAEO": 1}, 20) == {"": 31, "E.A.O.C": 100}


def test_those_without_a_segment_are_company_enough() -> None:
    assert published({"EAOC": 100, "CAEO": 1}, 20, without=19) == {"": 1, "E.A.O.C": 100}
    assert published({"EAOC": 100, "EANO": 30}, 20, without=1) == {"": 30, "E.A.O.C": 100}


def test_ties_are_broken_by_name() -> None:
    assert published({"EAOC": 20, "EAON": 20, "EACO": 3}, 20) == {"E.A": 23, "E.A.O.N": 20}


@given(
    sizes=st.dictionaries(st.permutations("OCEAN").map(lambda letters: "".join(letters[:4])), st.integers(1, 60)),
    min_size=st.integers(1, 40),
    without=st.integers(0, 30),
)
def test_whoever_is_left_over_anywhere_has_company(sizes: dict[str, int], min_size: int, without: int) -> None:
    found = published(sizes, min_size, without) if sizes else {}
    assert sum(found.values()) == sum(sizes.values())
    root = found.pop("", 0) + without
    assert all(size >= min_size for size in found.values())
    assert root == 0 or root >= min_size or not found


def test_joining_stops_as_soon_as_those_left_over_are_enough() -> None:
    assert joining({"a": 5, "b": 15, "c": 20}, 20) == ["a", "b"]
    assert joining({"a": 5, "b": 14, "c": 20, "d": 20}, 20) == ["a", "b", "c"]
    assert joining({"a": 20}, 20, left_over=1) == ["a"]
    assert joining({}, 20, left_over=1) == []


def test_a_word_that_customers_bear_already_counts_among_those_left_over() -> None:
    labels = np.array(["a"] * 20 + ["b"] * 5 + ["other"] * 15)
    assert set(pooled(labels, 20, "other").tolist()) == {"a", "other"}
    assert set(pooled(labels[:20], 20, "other").tolist()) == {"a"}
    assert pooled(labels[:0], 20, "other").tolist() == []


def test_neighbours_that_too_few_would_bear_are_not_named() -> None:
    segment = np.array(["E.A"] * 30 + ["C"] * 30)
    neighbour = np.array(["E.O"] * 30 + ["E.A"] * 5 + ["O"] * 25)
    found = published_neighbours(neighbour, segment, 10)
    assert set(found[:30].tolist()) == {""}
    assert set(found[30:].tolist()) == {""}
    assert set(published_neighbours(neighbour, segment, 5)[30:35].tolist()) == {"E.A"}
    assert published_neighbours(neighbour[:0], segment[:0], 5).tolist() == []


def test_moves_that_are_kept_back_stand_as_one_sum() -> None:
    moves = {("E", "E"): 400, ("C", "C"): 300, ("C", "E"): 9, ("A", "E"): 12, ("A", "A"): 50, ("E", "A"): 30}
    found = publishable_moves(moves, 20)
    assert found[OTHER, "E"] >= 21
    assert ("C", "E") not in found
    assert sum(found.values()) == sum(moves.values())
    assert publishable_moves({}, 20) == {}


def test_how_many_are_gone_is_not_told_where_that_would_tell_how_many_are_new() -> None:
    moves = {("E", "E"): 400, ("C", "C"): 300, ("E", GONE): 12, ("C", GONE): 12, (NEW, "E"): 3}
    assert not {pair for pair in publishable_moves(moves, 20) if GONE in pair or NEW in pair}
