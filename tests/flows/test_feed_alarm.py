"""The alarm of a feed that falls silent: the event that is sent sets it off, and its text says what a person needs."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from prefect.events.schemas.automations import AutomationCore
from prefect.server.events.jinja_filters import all_filters
from prefect.server.events.schemas.automations import EventTrigger
from prefect.server.events.schemas.events import Event, ReceivedEvent
from prefect.server.utilities.user_templates import register_user_template_filters, render_user_template_sync

from flows.automations import automations
from model.volume import Freshness
from tasks.operation.freshness import Feed
from tasks.stages.freshness import warn_of_silence
from warehouse.settings import Settings

QUIET = Feed("/in/{cards}-*.csv", date(2026, 3, 7), 3, "warning")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """What is sent instead of to a server."""
    events: list[Event] = []

    def emit(event: str, resource: dict[str, str], payload: dict[str, Any]) -> None:
        fields = {
            "event": event,
            "resource": resource,
            "payload": payload,
            "id": uuid4(),
            "occurred": datetime.now(UTC),
        }
        events.append(Event.model_validate(fields))

    monkeypatch.setattr("tasks.stages.freshness.emit_event", emit)
    return events


def alarm() -> AutomationCore:
    return {each.name: each for each in automations(Settings(), [uuid4()])}["microseg: feed falling silent"]


def test_the_event_sets_the_alarm_off(sent: list[Event]) -> None:
    warn_of_silence([QUIET], date(2026, 3, 10), 3)
    trigger = EventTrigger.model_validate(alarm().trigger.model_dump(mode="json"))
    (event,) = sent
    assert trigger.covers(ReceivedEvent.model_validate(event.model_dump()))
    other = event.model_copy(update={"event": "microseg.segments.published"})
    assert not trigger.expects(other.event)


def test_the_alarm_says_what_a_person_needs(sent: list[Event]) -> None:
    warn_of_silence([QUIET], date(2026, 3, 10), 3)
    (action,) = alarm().actions
    register_user_template_filters(all_filters)  # as the server does before it sends one
    body = render_user_template_sync(action.body, {"event": sent[0]})  # type: ignore[union-attr]
    assert body.startswith(
        "/in/{cards}-*.csv\nnewest booking 2026-03-07, business date 2026-03-10: 3 days without the usual rows; "
        "after more than 3 days nothing is published.\n"
    )
    assert "Failed to render" not in body
    assert "MICROSEG_SOURCE" in body


@pytest.mark.parametrize("level", ["fresh", "unjudged", "critical"])
def test_no_other_feed_raises_this_alarm(sent: list[Event], level: Freshness) -> None:
    warn_of_silence([replace(QUIET, level=level)], date(2026, 3, 10), 3)
    assert sent == []
