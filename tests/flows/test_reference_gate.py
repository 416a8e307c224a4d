"""The gate of a waiting version's periods, for real: a module of its own, since others leave the gates out."""

from typing import Any

import pytest

from flows.retrain import retrain
from tasks.spending.period import Step
from tasks.spending.remap import build_periods
from tests.flows.banks import Bank
from tests.flows.reference_edits import one_code_moved
from tests.flows.test_reference import CHAMPION, OCTOBER, own, readers_see
from warehouse.errors import GateError

__all__ = ["own"]
pytestmark = [pytest.mark.flow, pytest.mark.timeout(900), pytest.mark.usefixtures("short_retraining")]


def spoilt_periods(connection: Any, *arguments: Any) -> list[Step]:
    steps = build_periods(connection, *arguments)
    newest = "SELECT period_id FROM candidates.steps WHERE step = 6"
    connection.execute(f"UPDATE spend.periods SET amount = amount + 1 WHERE period_id IN ({newest})")
    return steps


def test_a_wrong_amount_closes_it_and_nothing_moves(own: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    one_code_moved(own.root / "reference")
    before, champion = readers_see(own), own.rows(CHAMPION)
    with monkeypatch.context() as patch:
        patch.setattr("tasks.stages.spending.build_periods", spoilt_periods)
        with pytest.raises(GateError, match="conserves_"):
            retrain(OCTOBER, "force")
    assert (readers_see(own), own.rows(CHAMPION)) == (before, champion)
    assert retrain(OCTOBER, "force").promoted
