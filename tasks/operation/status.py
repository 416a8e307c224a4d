"""Status: what is broken now, read from the warehouse alone; no run and no server has to be up."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import duckdb

from tasks.operation.journal import running
from tasks.operation.liveness import killed
from tasks.operation.tables import Table
from warehouse.connection import connect
from warehouse.errors import MicrosegError
from warehouse.queries import query
from warehouse.settings import Settings

SHOWN = 10


class Check(NamedTuple):
    """One question to the warehouse; its query returns what is wrong, and nothing when all is well."""

    name: str
    broken: bool
    remedy: str

    @property
    def title(self) -> str:
        """The name in words."""
        return self.name.replace("_", " ")


CHECKS = (
    Check("failed_runs", True, "read its log and summary in the Prefect UI, mend the cause, run it again"),
    Check("missing_nights", True, "microseg backfill FIRST LAST --every day --for-real"),
    Check("stale_months", True, "the next nightly run sums them; now: microseg run"),
    Check("pending_loads", True, "mend the source or its source.toml, then: microseg run"),
    Check("failed_gates", True, "open data_docs/index.html; nothing was published from these rows"),
    Check(
        "refused_candidates",
        True,
        "readers keep the last good release; mend what the gate names and run again",
    ),
    Check("failed_windows", True, "microseg backfill FIRST LAST --only-failed --for-real"),
    Check("critical_drift", True, "look at the sources first, then: microseg retrain"),
    Check("drift_warnings", False, "nothing yet; the weekly retraining follows slow changes"),
    Check("waiting_rejects", False, "microseg rejects --out mended.csv, mend, microseg replay mended.csv"),
    Check("waiting_challenger", False, "read the report of the retraining, then: microseg promote VERSION, or dismiss"),
)


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes:
        check: The question.
        rows: Subject and detail of each thing found, never empty.
    """

    check: Check
    rows: tuple[tuple[str, str], ...]

    def table(self) -> Table:
        """Return the first things found as a table that ends with what to do."""
        more = (("...", f"and {len(self.rows) - SHOWN} more"),) if len(self.rows) > SHOWN else ()
        level = "BROKEN" if self.check.broken else "notice"
        return Table(f"{level}: {self.check.title}", ("what", "how"), self.rows[:SHOWN] + more)


@dataclass(frozen=True)
class Status:
    """Where the warehouse stands, and what is wrong with it."""

    facts: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def healthy(self) -> bool:
        """Whether nothing is broken; notices do not count."""
        return not any(finding.check.broken for finding in self.findings)

    @property
    def headline(self) -> str:
        """One line for a tired person."""
        broken = [f"{len(found.rows)} {found.check.title}" for found in self.findings if found.check.broken]
        return "BROKEN: " + ", ".join(broken) if broken else "healthy: nothing is broken"


def read_status(settings: Settings, now: datetime | None = None) -> Status:
    """Ask every check.

    Args:
        settings: The warehouse, its time zone, and the hour by which a night is due.
        now: Moment to judge by; default: the present.

    Raises:
        MicrosegError: There is no warehouse yet, or one of an older version.
    """
    now = now or datetime.now(UTC)
    times: dict[str, object] = {
        "now": now.isoformat(),  # DuckDB would import pandas to bind a datetime
        "last_night": last_due_night(settings, now).isoformat(),
        "patience_hours": str(settings.run_patience_hours),
    }
    try:
        with connect(settings, read_only=True) as connection:
            times["killed"] = killed(settings, running(connection))
            facts = _facts(connection, now.date(), times)
            found = [Finding(check, _ask(connection, check, times)) for check in CHECKS]
    except (duckdb.BinderException, duckdb.CatalogException) as error:
        where = settings.home.resolve()
        raise MicrosegError(f"the warehouse of {where} is of an older version: run `microseg run` once") from error
    return Status(facts, tuple(finding for finding in found if finding.rows))


def last_due_night(settings: Settings, now: datetime) -> date:
    """Return the newest business date whose nightly run must be done by now.

    >>> settings = Settings(timezone="Europe/Zurich", nightly_deadline_hour=6)
    >>> last_due_night(settings, datetime(2026, 3, 29, 3, 59, tzinfo=UTC)).isoformat()
    '2026-03-28'
    >>> last_due_night(settings, datetime(2026, 3, 29, 4, 0, tzinfo=UTC)).isoformat()
    '2026-03-29'
    """
    local = now.astimezone(ZoneInfo(settings.timezone))
    return local.date() if local.hour >= settings.nightly_deadline_hour else local.date() - timedelta(days=1)


def _ask(connection: duckdb.DuckDBPyConnection, check: Check, times: dict[str, object]) -> tuple[tuple[str, str], ...]:
    text = query(f"ops/status_{check.name}")
    return tuple((str(what), str(how)) for what, how in connection.execute(text, _wanted(text, times)).fetchall())


def _wanted(text: str, times: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in times.items() if f"${name}" in text}


def _facts(connection: duckdb.DuckDBPyConnection, today: date, times: dict[str, object]) -> tuple[str, ...]:
    text = query("ops/status_facts")
    row = connection.execute(text, _wanted(text, times)).fetchone() or (None,) * 7
    as_of, customers, last_night, champion, champion_as_of, newest, running = row
    return (
        f"segments.current: {customers:,} customers as of {as_of}" if as_of else "segments.current: empty",
        f"newest transaction: {newest or 'none'}",
        f"last nightly run that succeeded: {last_night or 'never'}",
        _champion(champion, champion_as_of, today),
        f"at work now: {running or 'nothing'}",
    )


def _champion(version: str | None, trained: date, today: date) -> str:
    if version is None:
        return "champion: none"
    return f"champion: {version}, trained on data up to {trained} ({(today - trained).days} days ago)"


def ordered(status: Status) -> list[Finding]:
    """Return the findings, the broken ones first."""
    return sorted(status.findings, key=lambda each: not each.check.broken)
