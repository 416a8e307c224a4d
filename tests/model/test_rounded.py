"""Rounded figures: an attacker who knows everything else can't show of anybody that they are some, but few."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from model.rounded import binned, count_within, finest, rounded_down, share_kept, told_cells

sizes = st.integers(10, 40)


@given(part=st.integers(0, 100), rest=st.integers(0, 100), min_size=sizes)
def test_a_count_is_told_with_its_complement_or_not_at_all(part: int, rest: int, min_size: int) -> None:
    is_small = 0 < part < min_size or 0 < rest < min_size
    assert count_within(part, part + rest, min_size) == (None if is_small else part)


@given(spenders=st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 60), min_size=1), min_size=sizes)
def test_the_total_less_what_is_told_is_of_nobody_or_of_enough(spenders: dict[str, int], min_size: int) -> None:
    told = told_cells(spenders, min_size)
    total = sum(spenders.values())
    assert all(spenders[name] == 0 or spenders[name] >= min_size for name in told)
    left = total - sum(spenders[name] for name in told)
    assert left == 0 or left >= min_size or not told


@given(data=st.data(), together=st.integers(0, 5000), min_size=sizes)
def test_a_share_is_right_within_the_minimum_and_never_shows_few(
    data: st.DataObject, together: int, min_size: int
) -> None:
    changed = data.draw(st.integers(0, together))
    share = share_kept(changed, together, min_size)
    if share is None:
        assert together < 4 * min_size
        return
    assert abs(share - (1 - changed / together)) * together <= min_size + 1e-6
    alike = [other for other in range(together + 1) if share_kept(other, together, min_size) == share]
    assert max(alike) >= min_size
    # The others are those who kept it: told as a share of all, they are enough as well, or may be none.
    assert together - min(alike) >= min_size or together - max(alike) == 0


@given(
    counts=st.lists(st.one_of(st.just(0), st.integers(0, 25), st.integers(0, 300)), min_size=1, max_size=40),
    min_size=sizes,
)
def test_bins_that_are_not_told_may_be_empty_or_hold_enough(counts: list[int], min_size: int) -> None:
    table = np.array(counts)
    told = rounded_down(table, min_size)
    assert ((told >= 0) & (told <= table) & (table - told < min_size)).all()
    assert (told % min_size == 0).all()
    # A reader who knows the total, too: what is left over may lie in bins that are told, up to the next multiple.
    left, shown = int(table.sum() - told.sum()), int((told > 0).sum())
    least, most = max(0, left - shown * (min_size - 1)), left
    if table.sum() >= min_size:
        assert least == 0 or most >= min_size


def test_the_smallest_bins_that_tell_of_most_customers_are_chosen() -> None:
    crowd = np.array([[90, 5], [5, 5]])
    assert finest({5.0: crowd, 10.0: crowd}, 20) == 5.0
    assert finest({5.0: crowd // 9, 10.0: crowd // 9}, 20) == 10.0


def test_points_on_the_outer_edges_are_counted() -> None:
    points = np.array([[0.0, -180.0], [180.0, 180.0], [90.0, 0.0]])
    counts = binned(points, (180.0, 180.0), (0.0, -180.0), 45.0)
    assert counts.shape == (4, 8)
    assert (counts[0, 0], counts[3, 7], counts[2, 4], counts.sum()) == (1, 1, 1, 3)
