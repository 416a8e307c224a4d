"""Runs carry their business date in their names, whether it was given or follows from their schedule."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from prefect import flow, get_client
from prefect.client.schemas.objects import FlowRun
from prefect.flow_engine import run_flow
from prefect.runtime import flow_run
from prefect.states import Scheduled

from flows.business_date import business_date
from flows.late_data import late_data
from flows.maintain import maintain
from flows.names import dated
from flows.nightly import nightly
from flows.retrain import promote_version, retrain, rollback
from warehouse.settings import Settings

pytestmark = [pytest.mark.flow, pytest.mark.usefixtures("prefect_server")]
# Half past eleven at night in UTC is already the next day in Zurich.
EVENING = datetime(2026, 3, 9, 23, 30, tzinfo=UTC)


@flow(flow_run_name=dated("night"))
def night(as_of: date | None = None) -> str:
    return str(flow_run.name)


def scheduled() -> FlowRun:
    """Return a run as a schedule makes it: for a moment that is long gone, with nothing but defaults."""
    with get_client(sync_client=True) as client:
        run = client.create_flow_run(night, name=f"sleepy-{uuid4().hex[:6]}", state=Scheduled(scheduled_time=EVENING))
        return client.read_flow_run(run.id)


def test_a_scheduled_run_is_named_after_its_business_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MICROSEG_TIMEZONE", "Europe/Zurich")
    run = scheduled()
    assert run_flow(night, flow_run=run) == "night-2026-03-10"
    with get_client(sync_client=True) as client:
        assert client.read_flow_run(run.id).name == "night-2026-03-10"


def test_a_date_that_is_given_is_the_name() -> None:
    assert night(date(2025, 10, 31)) == "night-2025-10-31"


@pytest.mark.parametrize("each", [nightly, retrain, late_data, maintain], ids=lambda each: each.name)
def test_what_is_scheduled_is_named_by_a_function(each: object, monkeypatch: pytest.MonkeyPatch) -> None:
    name = each.flow_run_name  # type: ignore[attr-defined]
    assert callable(name)
    monkeypatch.setattr(flow_run, "parameters", {"as_of": date(2025, 10, 31)}, raising=False)
    assert name() == f"{each.name}-2025-10-31"  # type: ignore[attr-defined]


@pytest.mark.parametrize(("each", "name"), [(rollback, "rollback-"), (promote_version, "promote-4997-")])
def test_what_is_run_by_hand_has_its_day_too(each: object, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow_run, "parameters", {"version": "4997"}, raising=False)
    assert each.flow_run_name() == f"{name}{business_date(Settings())}"  # type: ignore[attr-defined]
