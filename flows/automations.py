"""Alarms as code: what must be noticed although nobody looks, applied to a server as often as one likes."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ActionTypes, ChangeFlowRunState, DoNothing, SendNotification
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from pydantic import SecretStr

from flows.alarm_once import Kind, OnceNotification, plain
from flows.links import artifact_address
from tasks.stages.freshness import FEED, SILENT
from warehouse.settings import Settings

if TYPE_CHECKING:
    from prefect.blocks.abstract import NotificationBlock

PREFIX = "microseg: "
FLOW_RUN = "prefect.flow-run."
ENDED = frozenset(FLOW_RUN + state for state in ("Completed", "Failed", "Crashed", "Cancelling", "Cancelled"))
NIGHT_STARTS_AT = timedelta(hours=2, minutes=15)  # the schedule of prefect.yaml
# Three heartbeats of 30 seconds: one may be lost to a busy machine, three are not.
SILENCE = timedelta(seconds=90)
LINKS = """{{ flow_run | ui_url }}
What runs left, which the menu of the UI does not name: ARTIFACTS
To see what is broken: microseg status. To see what to do: docs/operations.md."""
BODY = """{{ flow.name }}, run {{ flow_run.name }}: {{ flow_run.state.name }}
{{ flow_run.state.message }}
"""
KILLED = "No heartbeat for 90 seconds: the process was killed. The warehouse is intact; run it again."
FEED_BODY = """{{ event.payload.feed }}
newest booking {{ event.payload.newest_booking }}, business date {{ event.payload.as_of }}: \
{{ event.payload.silent_days }} days without the usual rows; \
after more than {{ event.payload.limit }} days nothing is published.
Ask whoever delivers it. If the feed has ended for good, remove it from MICROSEG_SOURCE.
"""


def apply_automations(settings: Settings, once: bool = False) -> list[str]:
    """Create or update the alarms and the blocks that they notify by; one that is gone from here is deleted.

    Args:
        settings: Receivers, deadline and patience.
        once: Whether the server is ours, and knows the block that sends no alarm twice.

    Returns:
        The names of the automations.
    """
    receivers = save_receivers(settings, once)
    wanted = {automation.name: automation for automation in automations(settings, receivers)}
    with get_client(sync_client=True) as client:
        ours = [automation for automation in client.read_automations() if automation.name.startswith(PREFIX)]
        held = {automation.name: automation.id for automation in ours}
        for name in held.keys() - wanted.keys():
            client.delete_automation(held[name])
        for name, automation in wanted.items():
            _apply(client, held.get(name), automation)
    return list(wanted)


def _apply(client: SyncPrefectClient, held: UUID | None, automation: AutomationCore) -> None:
    if held is None:
        client.create_automation(automation)
    else:
        client.update_automation(held, automation)


def save_receivers(settings: Settings, once: bool = False) -> list[UUID]:
    """Save a notification block for each receiver that is set, and return their ids."""
    sent = settings.home.resolve() / "prefect" / "alarms"
    blocks: dict[str, NotificationBlock] = {
        name: OnceNotification(kind=kind, url=url, folder=sent) if once else plain(kind, url)
        for name, (kind, url) in receivers_of(settings).items()
    }
    return [_as_uuid(block.save(name, overwrite=True)) for name, block in blocks.items()]


def receivers_of(settings: Settings) -> dict[str, tuple[Kind, SecretStr]]:
    """Return kind and address of the receivers that are set, by the names of their blocks."""
    receivers: dict[str, tuple[Kind, SecretStr]] = {
        "microseg-webhook": ("webhook", settings.notify_webhook),
        "microseg-slack": ("apprise", settings.notify_slack),
        "microseg-email": ("apprise", settings.notify_email),
    }
    return {name: (kind, url) for name, (kind, url) in receivers.items() if url.get_secret_value()}


def _as_uuid(block_id: object) -> UUID:
    assert isinstance(block_id, UUID)  # noqa: S101 - narrows Prefect's sync/async union
    return block_id


def automations(settings: Settings, receivers: list[UUID]) -> list[AutomationCore]:
    """Return the alarms.

    Args:
        settings: Deadline and patience.
        receivers: Notification blocks; without any, alarms are only shown under Event Feed and Automations.
    """
    due = timedelta(hours=settings.nightly_deadline_hour) - NIGHT_STARTS_AT
    patience = timedelta(minutes=settings.queue_patience_minutes)
    return [
        _alarm(
            "run failed",
            "A run failed or crashed.",
            _trigger(expect={FLOW_RUN + "Failed", FLOW_RUN + "Crashed"}),
            receivers,
        ),
        _alarm(
            "nightly run overdue",
            f"The nightly run did not complete by {settings.nightly_deadline_hour}:00 {settings.timezone}.",
            _absence({FLOW_RUN + "Late", FLOW_RUN + "Pending"}, {FLOW_RUN + "Completed"}, due, "nightly"),
            receivers,
        ),
        _alarm(
            "run waiting too long",
            f"A run has waited for {settings.queue_patience_minutes} minutes: "
            "is a worker running, or is another run stuck?",
            _absence(
                {FLOW_RUN + name for name in ("Late", "Pending", "AwaitingConcurrencySlot")},
                ENDED | {FLOW_RUN + "Running"},
                patience,
            ),
            receivers,
        ),
        _crash_silent_runs(),
        _alarm("feed falling silent", "A feed is falling silent.", _silent_feed(), receivers, body=FEED_BODY),
    ]


def _crash_silent_runs() -> AutomationCore:
    """A killed process cannot tell: its run is crashed here, which gives its slot to the next one.

    It notifies nobody itself: a run that is crashed raises "run failed", which says why.
    """
    crash = ChangeFlowRunState(state=StateType.CRASHED, name="Crashed", message=KILLED)
    trigger = _absence({FLOW_RUN + "heartbeat"}, ENDED | {FLOW_RUN + "heartbeat"}, SILENCE)
    return _alarm("no heartbeat", "A run was killed.", trigger, [], crash)


def _silent_feed() -> EventTrigger:
    return EventTrigger(
        match={"prefect.resource.id": FEED + "*"},
        expect={SILENT},
        for_each={"prefect.resource.id"},
        posture=Posture.Reactive,
        threshold=1,
    )


def _trigger(expect: set[str]) -> EventTrigger:
    return EventTrigger(
        match={"prefect.resource.id": FLOW_RUN + "*"},
        match_related={"prefect.resource.role": "tag", "prefect.resource.id": "prefect.tag.microseg"},
        expect=expect,
        for_each={"prefect.resource.id"},
        posture=Posture.Reactive,
        threshold=1,
    )


def _absence(
    after: set[str], expect: frozenset[str] | set[str], within: timedelta, tag: str = "microseg"
) -> EventTrigger:
    return EventTrigger(
        match={"prefect.resource.id": FLOW_RUN + "*"},
        match_related={"prefect.resource.role": "tag", "prefect.resource.id": f"prefect.tag.{tag}"},
        after=after,
        expect=set(expect),
        for_each={"prefect.resource.id"},
        posture=Posture.Proactive,
        threshold=1,
        within=within,
    )


def _alarm(
    name: str,
    description: str,
    trigger: EventTrigger,
    receivers: list[UUID],
    first: ActionTypes | None = None,
    body: str = BODY,
) -> AutomationCore:
    subject = f"microseg: {description}"
    actions: list[ActionTypes] = [first] if first else []
    body += LINKS.replace("ARTIFACTS", artifact_address())
    actions += [SendNotification(block_document_id=receiver, subject=subject, body=body) for receiver in receivers]
    return AutomationCore(
        name=PREFIX + name, description=description, enabled=True, trigger=trigger, actions=actions or [DoNothing()]
    )
