"""Decisions about models: each is on record once, however often the run that took it was killed."""

from datetime import date

import pytest

from tasks.science.champions import Action, record_decision
from warehouse.connection import connect, in_transaction
from warehouse.settings import Settings

pytestmark = pytest.mark.warehouse
ON_RECORD = "SELECT action, run_id FROM models.promotions ORDER BY decided_at"


def decide(settings: Settings, run_id: str, action: Action = "refused", reason: str = "kept back on request") -> None:
    with connect(settings) as connection:
        day = date(2025, 10, 31)
        in_transaction(connection, lambda: record_decision(connection, "new", "old", action, day, reason, run_id))


def test_a_refusal_is_not_repeated_by_the_run_that_is_taken_again(lake: Settings) -> None:
    decide(lake, "killed")
    decide(lake, "again")
    decide(lake, "another", reason="only 80.0% of customers keep their segment")
    decide(lake, "person", "dismissed")
    decide(lake, "later")
    with connect(lake, read_only=True) as connection:
        told = connection.execute(ON_RECORD).fetchall()
    assert told == [("refused", "killed"), ("refused", "another"), ("dismissed", "person"), ("refused", "later")]
