"""Transitions: sums that readers may see, of two released dates."""

from collections import Counter

import pytest

from model.disclosure import publishable_moves
from model.vocabulary import GONE, NEW
from tasks.publishing.transitions import write_transitions
from tests.support.release import build_and_release
from tests.tasks.science.conftest import AS_OF, EARLIER, Bank
from warehouse.connection import connect, in_transaction

pytestmark = pytest.mark.warehouse


def test_moves_between_two_dates_are_written_anew_and_none_is_small(bank: Bank) -> None:
    with connect(bank.settings) as connection:
        build_and_release(connection, bank.settings, bank.model, EARLIER)

        def segments(as_of: object) -> dict[int, str]:
            text = "SELECT customer_key, segment FROM segments.by_date WHERE as_of = $1"
            return dict(connection.execute(text, [as_of]).fetchall())

        largest = Counter(segments(EARLIER).values()).most_common(1)[0][0]
        leavers = ", ".join(str(key) for key, name in segments(EARLIER).items() if name == largest)
        connection.execute(f"DELETE FROM segments.by_date WHERE as_of = $1 AND customer_key IN ({leavers})", [AS_OF])
        for _ in range(2):
            for as_of in (EARLIER, AS_OF):
                in_transaction(connection, lambda day=as_of: write_transitions(connection, day, 10))  # type: ignore[misc]
        before, after = segments(EARLIER), segments(AS_OF)
        first = connection.execute("FROM segments.transitions WHERE as_of = $1 ORDER BY ALL", [EARLIER]).fetchall()
        second = connection.execute("FROM segments.transitions WHERE as_of = $1", [AS_OF]).fetchall()
    assert first == [(EARLIER, None, NEW, name, n) for name, n in sorted(Counter(before.values()).items())]
    pairs = Counter((before.get(key, NEW), after.get(key, GONE)) for key in before.keys() | after.keys())
    assert {row[2:4]: row[4] for row in second} == publishable_moves(pairs, 10)
    assert len(second) == len({row[2:4] for row in second})
    assert {row[:2] for row in second} == {(AS_OF, EARLIER)}
    assert (largest, GONE) in {row[2:4] for row in second}
    assert all(row[4] >= 10 for row in second)


def test_a_date_without_segments_has_no_transitions(bank: Bank) -> None:
    with connect(bank.settings) as connection:
        connection.execute("DELETE FROM segments.by_date")
        assert in_transaction(connection, lambda: write_transitions(connection, AS_OF, 10)) == 0
