"""The gate of the feeds as a Prefect task, and the alarm of one that is falling silent."""

from collections.abc import Sequence
from datetime import date
from hashlib import sha256

from prefect.artifacts import create_markdown_artifact
from prefect.events import emit_event

from tasks.operation.freshness import Feed, feeds_table, pass_freshness
from tasks.operation.journal import Outcome
from tasks.operation.tables import render_markdown
from tasks.stages.crew import crew_of
from tasks.stages.stage import stage
from warehouse.settings import Settings

SILENT = "microseg.feed.silent"
FEED = "microseg.feed."  # begins the id of each feed's resource


@stage(name="validate-freshness")
def validate_freshness(settings: Settings, as_of: date, run_id: str, told: bool = False) -> Outcome:
    """Pass the gate of the feeds: none of them is dead on this date.

    Args:
        settings: The feeds and the limit.
        as_of: Business date.
        run_id: The run.
        told: Whether to leave the feeds in the Prefect UI and to raise an alarm for each that is falling silent, as
            a night does; a date of long ago concerns nobody.
    """
    feeds = pass_freshness(settings, as_of, run_id, crew_of(settings))
    if told:
        create_markdown_artifact(render_markdown(feeds_table(feeds)), key="feeds", description=f"Feeds on {as_of}")
        warn_of_silence(feeds, as_of, settings.max_silence_days)
    return freshness_outcome(feeds)


def freshness_outcome(feeds: Sequence[Feed]) -> Outcome:
    """Return what the gate of the feeds reports: how many there are, and those with a fault by name."""
    if not feeds:
        return Outcome(0, "no feed to check: MICROSEG_SOURCE is not set")
    faults = [feed.line for feed in feeds if feed.level != "fresh" or feed.unusual_days]
    return Outcome(len(feeds), "; ".join(faults) or "every feed is fresh")


def warn_of_silence(feeds: Sequence[Feed], as_of: date, limit: int) -> None:
    """Emit `microseg.feed.silent` for each feed that is falling silent; a dead one fails the run, an alarm of its own.

    Args:
        feeds: All that were judged.
        as_of: Business date.
        limit: Days of silence that are let pass.
    """
    for feed in feeds:
        if feed.level == "warning":
            key = sha256(feed.name.encode()).hexdigest()[:16]  # a name may hold characters that an id must not
            resource = {"prefect.resource.id": FEED + key, "prefect.resource.name": feed.name}
            days = {"newest_booking": str(feed.newest_booking), "as_of": str(as_of), "silent_days": feed.silent_days}
            emit_event(SILENT, resource=resource, payload={"feed": feed.name, "limit": limit} | days)
