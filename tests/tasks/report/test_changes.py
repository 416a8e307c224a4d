"""What the page adds up: moves that may not be told are neither moves nor stays."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.vocabulary import GONE, NEW, OTHER
from tasks.report.changes import changes_since, growing, largest_moves, movement, shrinking
from tasks.report.charts.flow import flow
from tasks.report.content_beside import Moves
from tasks.report.findings import moved
from tests.tasks.report.made_up import YEAR_AGO, made_up

EARLIER, LATER = date(2025, 12, 31), date(2026, 1, 31)
origins = st.sampled_from(["E", "E.A", "N", NEW, OTHER])
targets = st.sampled_from(["E", "E.A", "N", GONE, OTHER])


@given(st.lists(st.tuples(origins, targets, st.integers(1, 500))))
def test_every_customer_is_counted_once(rows: list[tuple[str, str, int]]) -> None:
    told = movement(Moves(EARLIER, LATER, rows))
    assert told.stayed + told.moved + told.came + told.left + told.untold == sum(row[2] for row in rows)
    assert told.moved == sum(row[2] for row in largest_moves(told.moves))


def test_what_is_kept_back_has_neither_stayed_nor_moved() -> None:
    told = movement(Moves(EARLIER, LATER, [("E", "E", 90), ("E", "N", 10), (OTHER, "N", 40), (OTHER, OTHER, 7)]))
    assert (told.stayed, told.moved, told.untold, told.kept) == (90, 10, 47, None)
    assert moved(told) == (
        "90 customers stayed where they were; 10 changed. Largest moves: E to N (10). 0 are new and 0 have left. "
        "Of 47 more it may not be told."
    )
    assert [(band.origin, band.target) for band in flow(told.moves.rows).bands] == [("E", "N")]


def test_a_share_is_told_where_all_moves_are() -> None:
    told = movement(Moves(EARLIER, LATER, [("E", "E", 90), ("E", "N", 10), (NEW, "E", 5), ("N", GONE, 3)]))
    assert told.kept == pytest.approx(0.9)
    assert "about 9 in 10" not in moved(told)
    assert "90 customers stayed where they were, 9 in 10; 10 changed." in moved(told)


def test_nothing_is_said_of_moves_that_are_all_kept_back() -> None:
    text = moved(movement(Moves(EARLIER, LATER, [(OTHER, "E", 40), (OTHER, "N", 60)])))
    assert text == "No move between these dates may be told: the groups are too small."


def test_what_grows_comes_first_and_what_shrinks_most_last() -> None:
    changes = changes_since(made_up(), YEAR_AGO)
    up, down = growing(changes), shrinking(changes)
    assert all((change.by or 0) > 0 for change in up)
    assert all((change.by or 0) < 0 for change in down)
    assert [change.by for change in up] == sorted((change.by for change in up), key=lambda by: -(by or 0))
    assert [change.by for change in down] == sorted((change.by for change in down), key=lambda by: by or 0)
