"""Maintain: what the warehouse takes before and after, and what was let go of."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NamedTuple

from tasks.operation.liveness import at_work
from tasks.operation.retention import let_go
from tasks.operation.tables import Table, counted
from warehouse.attachment import METADATA
from warehouse.connection import connect, in_transaction
from warehouse.queries import query
from warehouse.settings import Settings

# A warehouse that is maintained every week has some 300 snapshots, and 40 files for each date that it keeps. Every run
# looks at each file in use, and every query reads the list of all.
OVERDUE_ABOVE = {"most_files": 10_000, "most_snapshots": 2_000}


class Footprint(NamedTuple):
    """What the catalog knows of.

    Attributes:
        snapshots: States of the tables that can be read.
        files: Files of the newest state.
        size: Their bytes.
        older_files: Files that older states alone have.
        older_size: Their bytes.
        waiting: Files that no state has any more, to be removed when no reader can be at them.
    """

    snapshots: int
    files: int
    size: int
    older_files: int
    older_size: int
    waiting: int


@dataclass(frozen=True)
class Maintained:
    """What a maintenance did.

    Attributes:
        before: What the warehouse took before it.
        after: And afterwards.
        dates: Business dates that were let go of, the published ones and others.
        merged: Parts of tables whose files were merged.
        expired: Snapshots that were forgotten.
        removed: Files and folders that were removed: data files, exports, what killed runs had left.
        skipped: Why nothing was merged, or no orphan removed; empty when that was done.
    """

    before: Footprint
    after: Footprint
    dates: int
    merged: int
    expired: int
    removed: int
    skipped: str = ""

    @property
    def headline(self) -> str:
        """What was done, in one line."""
        done = [
            counted(self.dates, "business date", " let go of"),
            counted(self.merged, "part", " of tables merged"),
            counted(self.expired, "snapshot", " expired"),
            counted(self.removed, "file or folder", " removed", "files and folders"),
        ]
        said = ", ".join(told for told in done if not told.startswith("0 ")) or "nothing to do"
        return f"{said}; {self.skipped}" if self.skipped else said

    def table(self) -> Table:
        """Return what the warehouse took before and takes now."""
        names = {
            "snapshots": "snapshots",
            "files": "files in use",
            "size": "bytes in use",
            "older_files": "files of older snapshots alone",
            "older_size": "bytes of older snapshots alone",
            "waiting": "files waiting to be removed",
        }
        before, after = self.before._asdict(), self.after._asdict()
        rows = tuple((what, f"{before[name]:,}", f"{after[name]:,}") for name, what in names.items())
        return Table("Maintenance", ("what", "before", "after"), rows)


def measure(settings: Settings) -> Footprint:
    """Return what the warehouse takes now."""
    with connect(settings, read_only=True) as connection:
        row = connection.execute(query("maintain/select_catalog").format(catalog=METADATA)).fetchone()
    return Footprint(*(row or (0,) * len(Footprint._fields)))


def let_dates_go(settings: Settings, run_id: str) -> list[date]:
    """Let go of the dates beyond `keep_days`, but for those that another run is at, in one transaction.

    Returns:
        The dates, oldest first.
    """

    def work() -> list[date]:
        others = [other for other in at_work(connection, settings, datetime.now(UTC)) if other != run_id]
        return let_go(connection, settings, others, run_id)

    with connect(settings) as connection:
        return in_transaction(connection, work, settings.commit_attempts)


def others_at_work(settings: Settings, run_id: str) -> bool:
    """Tell whether another run may be writing: small files are then left to the next maintenance."""
    with connect(settings, read_only=True) as connection:
        return any(other != run_id for other in at_work(connection, settings, datetime.now(UTC)))
