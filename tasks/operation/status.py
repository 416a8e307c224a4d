"""Status: what is broken now, read from the warehouse alone; no run and no server has to be up."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb

from tasks.operation import reference_choice
from tasks.operation.checks import (
    CHECKS,
    DAMAGE_CHECK,
    EXPORTS_CHECK,
    LEFTOVERS_CHECK,
    REFERENCE_CHECKS,
    REPORTS_CHECK,
    STARTS_CHECK,
    Check,
)
from tasks.operation.exported import stale_exports
from tasks.operation.leftovers import leftovers
from tasks.operation.liveness import killed, lost_starts, running
from tasks.operation.maintain import OVERDUE_ABOVE
from tasks.operation.reported import stale_reports
from tasks.operation.tables import Table
from tasks.operation.verify import check_sizes
from warehouse.connection import connect
from warehouse.migrations import expect_schema, refuse_newer
from warehouse.queries import query
from warehouse.settings import Settings

SHOWN = 10


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes:
        check: The question.
        rows: Subject and detail of each thing found, never empty.
    """

    check: Check
    rows: tuple[tuple[str, str], ...]

    @property
    def remedy(self) -> str:
        """What to do, with the dates and versions of what was found."""
        return self.check.filled([subject for subject, _ in self.rows])

    def table(self) -> Table:
        """Return the first things found as a table that ends with what to do."""
        more = (("...", f"and {len(self.rows) - SHOWN} more"),) if len(self.rows) > SHOWN else ()
        level = "BROKEN" if self.check.broken else "notice"
        return Table(f"{level}: {self.check.title}", ("what", "details"), self.rows[:SHOWN] + more)


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
        broken = [f"{len(finding.rows)} {finding.check.title}" for finding in self.findings if finding.check.broken]
        return "BROKEN: " + ", ".join(broken) if broken else "healthy: nothing is broken"


def read_status(settings: Settings, now: datetime | None = None) -> Status:
    """Ask every check.

    Args:
        settings: The warehouse, its time zone, and the hour by which a night is due.
        now: Moment to judge by; default: the present.

    Raises:
        MicrosegError: There is no warehouse yet, one of an older or a newer version, or its catalog is damaged.
    """
    now = now or datetime.now(UTC)
    with expect_schema(settings), connect(settings, read_only=True) as connection:
        refuse_newer(connection)
        if damaged := check_sizes(connection, settings):
            rows = tuple((problem.file.table, f"{problem.file.path} {problem.what}") for problem in damaged)
            return Status((), (Finding(DAMAGE_CHECK, rows),))
        times = _times(connection, settings, now)
        facts = _facts(connection, now.astimezone(ZoneInfo(settings.timezone)).date(), times)
        findings = [Finding(check, _ask(connection, check.name, times)) for check in CHECKS]
        findings.append(Finding(EXPORTS_CHECK, _stale_exports(connection, settings)))
        findings.append(Finding(REPORTS_CHECK, _stale_reports(connection, settings)))
        findings.append(Finding(STARTS_CHECK, tuple(start.told(settings.timezone) for start in lost_starts(settings))))
        findings.append(Finding(LEFTOVERS_CHECK, _leftovers(connection, settings)))
        told = reference_choice.reference_findings(connection, settings)
        findings += [Finding(check, tuple(told.get(check.name, ()))) for check in REFERENCE_CHECKS]
    return Status(facts, tuple(finding for finding in findings if finding.rows))


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


def ask(settings: Settings, check: str) -> tuple[tuple[str, str], ...]:
    """Return what one check finds now: subject and detail of each thing."""
    with expect_schema(settings), connect(settings, read_only=True) as connection:
        return _ask(connection, check, _times(connection, settings, datetime.now(UTC)))


def _times(connection: duckdb.DuckDBPyConnection, settings: Settings, now: datetime) -> dict[str, object]:
    return {
        "now": now.isoformat(),  # DuckDB would import pandas to bind a datetime
        "last_night": last_due_night(settings, now).isoformat(),
        "patience_hours": str(settings.run_patience_hours),
        "max_silence": settings.max_silence_days,
        "zone": settings.timezone,
        "deadline": settings.nightly_deadline_hour,
        **OVERDUE_ABOVE,
        "killed": killed(settings, running(connection)),
    }


def _ask(connection: duckdb.DuckDBPyConnection, check: str, times: dict[str, object]) -> tuple[tuple[str, str], ...]:
    text = query(f"ops/status_{check}")
    rows = connection.execute(text, _wanted(text, times)).fetchall()
    return tuple((str(what or ""), str(how or "")) for what, how in rows)


def _leftovers(connection: duckdb.DuckDBPyConnection, settings: Settings) -> tuple[tuple[str, str], ...]:
    kinds = Counter(path.relative_to(settings.home.resolve()).parts[0] for path in leftovers(connection, settings))
    return tuple((f"<home>/{kind}", f"{number} of killed runs") for kind, number in sorted(kinds.items()))


def _stale_exports(connection: duckdb.DuckDBPyConnection, settings: Settings) -> tuple[tuple[str, str], ...]:
    return () if _at_work(connection, settings) else tuple(stale_exports(connection, settings))


def _stale_reports(connection: duckdb.DuckDBPyConnection, settings: Settings) -> tuple[tuple[str, str], ...]:
    return () if _at_work(connection, settings) else tuple(stale_reports(connection, settings))


def _at_work(connection: duckdb.DuckDBPyConnection, settings: Settings) -> bool:
    """Whether a run may be between a release and its files."""
    working = set(running(connection))
    return bool(working - set(killed(settings, working)))


def _wanted(text: str, times: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in times.items() if f"${name}" in text}


def _facts(connection: duckdb.DuckDBPyConnection, today: date, times: dict[str, object]) -> tuple[str, ...]:
    text = query("ops/status_facts")
    row = connection.execute(text, _wanted(text, times)).fetchone() or (None,) * 9
    as_of, customers, last_night, champion, champion_as_of, newest, running, maintained, gone = row
    return (
        f"segments.current: {customers:,} customers as of {as_of}" if as_of else "segments.current: empty",
        f"newest transaction: {newest or 'none'}",
        f"last nightly run that succeeded: {last_night or 'never'}",
        _champion(champion, champion_as_of, today),
        f"last maintenance: {maintained or 'never'}" + _gone(gone),
        f"running now: {running or 'nothing'}",
    )


def _gone(dates: int) -> str:
    if not dates:
        return ""
    return f"; of {dates:,} published dates the features were let go of by retention, a backfill makes them again"


def _champion(version: str | None, trained: date | None, today: date) -> str:
    if version is None:
        return "champion: none"
    age = f" ({(today - trained).days} days ago)" if trained else ""
    return f"champion: {version}, trained on data up to {trained or 'an unknown date'}{age}"


def ordered(status: Status) -> list[Finding]:
    """Return the findings, the broken ones first."""
    return sorted(status.findings, key=lambda finding: not finding.check.broken)
