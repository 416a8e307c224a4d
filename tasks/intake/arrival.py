"""Arrival: wait for exports that are late, within bounds."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from time import monotonic, sleep

from warehouse.connection import connect
from warehouse.errors import SourceError
from warehouse.settings import Settings
from warehouse.sources.discovery import find_sources

POLL_SECONDS = 30.0


def await_sources(
    settings: Settings,
    patterns: Sequence[str],
    patience: timedelta,
    tell: Callable[[str], None],
    pause: Callable[[float], None] = sleep,
    clock: Callable[[], float] = monotonic,
) -> float:
    """Wait until every pattern names a source.

    Args:
        settings: Where and how sources are looked for.
        patterns: Paths, globs, s3:// globs or a PostgreSQL address.
        patience: How long; zero fails at once.
        tell: Called once, when something is missing at first.
        pause: Sleeps for seconds.
        clock: Seconds that only grow: a machine clock that is put back must not prolong the wait.

    Returns:
        Seconds waited.

    Raises:
        SourceError: A source is still missing; the message names it and the wait.
    """
    started = clock()
    while missing := _missing(settings, patterns):
        waited = clock() - started
        if waited >= patience.total_seconds():
            raise SourceError(f"{missing}; waited {waited / 60:.0f} minutes")
        if waited < POLL_SECONDS:
            tell(f"{missing}; waiting up to {patience.total_seconds() / 60:.0f} minutes for it")
        pause(POLL_SECONDS)
    return clock() - started


def _missing(settings: Settings, patterns: Sequence[str]) -> str:
    with connect(settings, read_only=True) as connection:
        for pattern in patterns:
            try:
                find_sources(connection, settings, pattern, settings.source_query)
            except SourceError as error:
                return str(error)
    return ""
