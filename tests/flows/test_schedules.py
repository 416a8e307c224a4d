"""prefect.yaml: what is deployed, and that every business date gets exactly one night when the clocks change."""

import asyncio
import importlib
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from prefect.flows import Flow
from prefect.server.schemas.schedules import CronSchedule

from flows.automations import NIGHT_STARTS_AT, automations
from flows.commands import commands
from flows.links import ARTIFACTS, artifact_address
from flows.up import PREFECT_FILE
from warehouse.settings import Settings

DEPLOYMENTS: dict[str, dict[str, Any]] = {
    each["name"]: each for each in yaml.safe_load(PREFECT_FILE.read_text())["deployments"]
}


def test_every_flow_is_deployed_and_one_writes_at_a_time() -> None:
    assert set(DEPLOYMENTS) >= {"nightly", "late-data", "backfill", "retrain"}
    for each in DEPLOYMENTS.values():
        assert each["concurrency_limit"] == {"limit": 1, "collision_strategy": "ENQUEUE"}
        assert each["work_pool"] == {"name": "microseg"}
        assert "microseg" in each["tags"]


@pytest.mark.parametrize("name", sorted(DEPLOYMENTS))
def test_each_says_what_to_do_afterwards_by_commands_and_pages_that_there_are(name: str) -> None:
    said = DEPLOYMENTS[name]["description"]
    assert "**" in said  # what to do stands out
    assert set(re.findall(r"`microseg ([a-z]+)", said)) <= commands.keys()
    pages = set(re.findall(r"artifact `([a-z-]+)`", said))
    assert pages
    assert pages <= ARTIFACTS.keys()


def test_addresses_of_artifacts_are_those_that_people_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:4200/api")
    assert artifact_address("feeds") == "http://127.0.0.1:4200/v2/artifacts/key/feeds"
    monkeypatch.setenv("PREFECT_UI_URL", "https://night.bank.example/")
    assert artifact_address() == "https://night.bank.example/v2/artifacts"


@pytest.mark.parametrize("name", sorted(DEPLOYMENTS))
def test_defaults_are_parameters_of_the_flow_and_each_is_described(name: str) -> None:
    module, flow_name = DEPLOYMENTS[name]["entrypoint"].rsplit(".", 1)
    flow = getattr(importlib.import_module(module), flow_name)
    assert isinstance(flow, Flow)
    properties = flow.parameters.properties
    assert set(DEPLOYMENTS[name]["parameters"]) <= set(properties)
    assert all(field.get("description") for field in properties.values())


def test_backfill_starts_dry() -> None:
    assert DEPLOYMENTS["backfill"]["parameters"]["dry_run"] is True
    assert DEPLOYMENTS["backfill"]["schedules"] == []


@pytest.mark.parametrize("zone", ["UTC", "Europe/Zurich", "America/New_York"])
def test_every_date_has_one_night_when_the_clocks_change(zone: str) -> None:
    schedule = CronSchedule(cron=DEPLOYMENTS["nightly"]["schedules"][0]["cron"], timezone=zone)
    moments = asyncio.run(schedule.get_dates(370, start=datetime(2026, 1, 1, tzinfo=UTC)))
    dates = [moment.astimezone(ZoneInfo(zone)).date() for moment in moments]
    assert dates == [dates[0] + timedelta(days=n) for n in range(370)]


def test_the_deadline_counts_from_the_schedule() -> None:
    minute, hour, *_ = DEPLOYMENTS["nightly"]["schedules"][0]["cron"].split()
    assert timedelta(hours=int(hour), minutes=int(minute)) == NIGHT_STARTS_AT
    alarms = {alarm.name: alarm for alarm in automations(Settings(nightly_deadline_hour=6), [])}
    due = alarms["microseg: nightly run overdue"]
    assert due.trigger.within == timedelta(hours=3, minutes=45)  # type: ignore[union-attr]
