"""What is told of groups does not hang on the order in which rows and files lie, not in its last digit either."""

import pytest

from tasks.science.drift import read_distributions
from tasks.science.segment import build_segments
from tests.support.release import build
from tests.tasks.science.conftest import EARLIER, Bank
from warehouse.connection import connect, in_transaction

pytestmark = pytest.mark.warehouse
ROWS = ("spend.periods", "traces.states", "traces.scores", "candidates.inputs", "raw.transactions")


def told(bank: Bank) -> tuple[object, ...]:
    """The summary of the segments of a date, and the distributions that drift is measured on."""
    with connect(bank.settings) as connection:
        in_transaction(connection, lambda: build_segments(connection, bank.settings, bank.model, EARLIER))
        summary = connection.execute("FROM candidates.summary ORDER BY ALL").fetchall()
        return summary, read_distributions(connection, bank.settings, EARLIER, bank.model.window_name)


def lay_out_otherwise(bank: Bank) -> None:
    """In many small files instead of few, and the other way round."""
    with connect(bank.settings) as connection:
        for table in ROWS:
            connection.execute(f"CREATE OR REPLACE TEMP TABLE held AS FROM {table}")
            connection.execute(f"DELETE FROM {table}")
            for part in range(5):
                one = f"FROM held WHERE customer_key % 5 = {part} ORDER BY hash(customer_key) DESC"
                connection.execute(f"INSERT INTO {table} {one}")


def test_neither_summary_nor_drift_hangs_on_the_layout(bank: Bank) -> None:
    with connect(bank.settings) as connection:
        in_transaction(connection, lambda: build(connection, bank.settings, bank.model, EARLIER))
    before = told(bank)
    lay_out_otherwise(bank)
    assert told(bank) == before
