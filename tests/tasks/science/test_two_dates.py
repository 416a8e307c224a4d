"""Two dates of a month whose features are made at once: what they share is written once."""

from datetime import date
from threading import Barrier, Thread

import pytest

from tasks.operation.held_traces import BY_ID
from tasks.science.features import build_features
from tasks.spending.periods import refresh_by_period
from tests.tasks.science.conftest import Bank
from warehouse.connection import connect, in_transaction

pytestmark = pytest.mark.warehouse
DATES = (date(2025, 12, 29), date(2025, 12, 30))


def build(bank: Bank, day: date, barrier: Barrier) -> None:
    tries = 0

    def work() -> None:
        nonlocal tries
        build_features(connection, bank.settings, bank.model, day, "run")
        tries += 1
        if tries == 1:
            barrier.wait(120)  # neither has committed yet

    with connect(bank.settings) as connection:
        in_transaction(connection, work, 5)


def test_what_two_dates_share_is_written_once(bank: Bank) -> None:
    for day in DATES:
        refresh_by_period(bank.settings, day, "run")
    barrier = Barrier(2)
    threads = [Thread(target=build, args=(bank, day, barrier)) for day in DATES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with connect(bank.settings, read_only=True) as connection:
        for column, (table, *_) in BY_ID.items():
            keys = f"SELECT count(*), count(DISTINCT ({column}, customer_key)) FROM {table}"
            rows, distinct = connection.execute(keys).fetchall()[0]
            assert rows == distinct > 0
        dates = connection.execute("SELECT count(DISTINCT as_of) FROM candidates.trajectories").fetchone()
    assert dates == (2,)
