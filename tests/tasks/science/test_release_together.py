"""Two dates that are released at once, on an empty segments.current."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from tasks.publishing.release import release_candidate
from tests.support.release import build
from tests.tasks.science.conftest import AS_OF, EARLIER, Bank
from warehouse.connection import connect, in_transaction

pytestmark = pytest.mark.warehouse


def release(bank: Bank, as_of: date) -> None:
    with connect(bank.settings) as connection:
        in_transaction(connection, lambda: release_candidate(connection, bank.settings, as_of, "run"), attempts=12)


def test_the_newer_of_two_dates_released_at_once_is_current(bank: Bank) -> None:
    with connect(bank.settings) as connection:
        connection.execute("DELETE FROM segments.current")
        connection.execute("DELETE FROM ops.provenance WHERE stage = 'release'")
        for as_of in (EARLIER, AS_OF):
            in_transaction(connection, lambda day=as_of: build(connection, bank.settings, bank.model, day))  # type: ignore[misc]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda day: release(bank, day), (AS_OF, EARLIER)))
    with connect(bank.settings, read_only=True) as connection:
        current = connection.execute(
            "SELECT as_of, count(*), count(DISTINCT customer_key) FROM segments.current GROUP BY 1"
        )
        rows = current.fetchall()
    assert [row[0] for row in rows] == [AS_OF]
    assert rows[0][1] == rows[0][2]
