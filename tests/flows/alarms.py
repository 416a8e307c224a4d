"""Runs that only a server knows, and alarms that wait for seconds instead of hours."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.flows.served import Served

KEPT = ("name", "description", "enabled", "trigger", "actions", "actions_on_trigger", "actions_on_resolve")
WAITING = ("microseg: no heartbeat", "microseg: run waiting too long", "microseg: nightly run overdue")


@contextmanager
def impatient(up: Served, seconds: float) -> Iterator[None]:
    """Let the alarms that wait for something wait for seconds (Prefect takes 10 or more); all else stays as applied."""
    found = {each["name"]: each for each in up.ask("automations/filter", {})}
    try:
        for name in WAITING:
            replace(up, found[name] | {"trigger": found[name]["trigger"] | {"within": seconds}})
        yield
    finally:
        for name in WAITING:
            replace(up, found[name])


def replace(up: Served, automation: dict[str, Any]) -> None:
    body = {name: value for name, value in automation.items() if name in KEPT}
    up.ask(f"automations/{automation['id']}", body, "PUT")


def planned(up: Served, deployment: str, **parameters: object) -> str:
    """Return a run of tomorrow, which no worker takes up today."""
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    return up.start(deployment, {"type": "SCHEDULED", "state_details": {"scheduled_time": tomorrow}}, **parameters)


def beat(up: Served, run: str) -> None:
    """Send one heartbeat, as the process of a run does."""
    event = {
        "id": str(uuid4()),
        "occurred": datetime.now(UTC).isoformat(),
        "event": "prefect.flow-run.heartbeat",
        "resource": {"prefect.resource.id": f"prefect.flow-run.{run}"},
        "related": [{"prefect.resource.id": "prefect.tag.microseg", "prefect.resource.role": "tag"}],
    }
    up.ask("events", [event])
