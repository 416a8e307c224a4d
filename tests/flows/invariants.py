"""What holds of a home after every step, and what two homes of the same history have in common."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from tasks.operation.exported import held_release, stale_exports
from tasks.operation.status import Status, read_status
from tests.support.checksums import NOT_CONTENT, table_checksums
from warehouse.connection import connect
from warehouse.queries import query
from warehouse.settings import Settings

MOMENTS = frozenset({"created_at", "decided_at", "changed_at"})  # of a model, a decision on it, and a candidate
LAYERS = ("raw", "ref", "spend", "features", "models", "segments", "candidates")
NOW = datetime(2025, 11, 1, 12, tzinfo=UTC)
PUBLISHED = (
    "SELECT count(DISTINCT as_of), count(DISTINCT model_version), count(*) - count(DISTINCT customer_key) "
    "FROM segments.current"
)
# A claim of a load that is not in force, in what everything else is summed from.
UNRELEASED = "SELECT count(*) FROM raw.transactions WHERE load_id NOT IN (SELECT load_id FROM raw.loads_in_force)"
OTHERS = (
    "SELECT count(*) FROM segments.current AS shown JOIN segments.releases AS released USING (as_of) "
    "WHERE shown.model_version != released.model_version"
)
ANNOUNCED = "SELECT as_of, announced_at IS NOT NULL FROM segments.releases ORDER BY as_of"
CHAMPIONS = "SELECT count(*) FROM models.versions WHERE alias = 'champion'"


def check_published(settings: Settings) -> None:
    """At any moment: one date, one model, nobody twice, one champion, and no row of a load that is not in force."""
    with connect(settings, read_only=True) as connection:
        assert connection.execute(PUBLISHED).fetchone() == (1, 1, 0)
        for none in (UNRELEASED, OTHERS):
            assert connection.execute(none).fetchone() == (0,), none
        assert connection.execute(CHAMPIONS).fetchone() == (1,)


def check_exports(settings: Settings) -> None:
    """After a step has come to its end: the files are those of the releases."""
    with connect(settings, read_only=True) as connection:
        assert stale_exports(connection, settings) == []


def contents(settings: Settings) -> dict[str, object]:
    """Return what two homes of one history have in common: tables, exports, and what is broken."""
    with connect(settings, read_only=True) as connection:
        tables = table_checksums(connection, LAYERS, NOT_CONTENT | MOMENTS)
        announced = connection.execute(ANNOUNCED).fetchall()
    return {**tables, **_exports(settings.home), "announced": announced, "broken": _broken(read_status(settings, NOW))}


def check_told(settings: Settings) -> None:
    """After a kill: `status` can be read, and speaks of the run that did not come to its end."""
    with connect(settings, read_only=True) as connection:
        unfinished = connection.execute("SELECT count(*) FROM ops.runs WHERE status = 'running'").fetchone()
    status = read_status(settings, NOW)
    assert unfinished == (0,) or not status.healthy
    assert all(finding.remedy for finding in status.findings)


def _broken(status: Status) -> list[str]:
    return sorted(finding.check.name for finding in status.findings)


def _exports(home: Path) -> dict[str, object]:
    files = {
        str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(home.glob("exports/*/*.parquet"))
    }
    releases = {str(folder.relative_to(home)): held_release(folder) for folder in home.glob("exports/*")}
    for release in releases.values():
        release.pop("released_at")
    return {**files, **releases, "latest": (home / "latest").resolve().name}


def leftovers(home: Path) -> list[str]:
    """Return what a killed run left that the next one should have cleared away."""
    found = [f"{folder}/{path.name}" for folder in ("running", "starting", "tmp") for path in (home / folder).glob("*")]
    found += [f"exporting/{path.name}" for path in (home / "exporting").glob("*") if path.name != "lock"]
    with connect(Settings(home=home), read_only=True) as connection:
        known = {name for (name,) in connection.execute(query("ops/select_data_files")).fetchall()}
    return found + [f"orphan {path.name}" for path in (home / "data").rglob("*.parquet") if path.name not in known]
