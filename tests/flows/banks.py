"""Small simulated banks with a home of their own."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from tasks.operation.leftovers import leftovers
from tasks.simulator.simulate import simulate
from tests.support.checksums import table_checksums
from tests.tasks.science.conftest import two_month_bank
from warehouse.connection import connect
from warehouse.settings import Settings

DATED = (
    "spend.by_period",
    "features.inputs",
    "features.personality",
    "features.trajectories",
    "features.angles",
    "features.reasons",
    "features.explanations",
    "segments.by_date",
    "segments.summary",
)


@dataclass(frozen=True)
class Bank:
    """A home below `root`, fed from the source and the reference set below `origin`."""

    root: Path
    origin: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            "MICROSEG_HOME": str(self.root / "home"),
            "MICROSEG_REFERENCE": str(self.origin / "reference"),
            "MICROSEG_SOURCE": str(self.origin / "source" / "*.parquet"),
            "MICROSEG_MIN_TRAINING_CUSTOMERS": "50",
            "MICROSEG_MIN_SEGMENT_SIZE": "10",
        }

    def enter(self, patch: pytest.MonkeyPatch) -> None:
        for name, value in self.environment.items():
            patch.setenv(name, value)

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with connect(Settings(), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def leave_orphan(self) -> Path:
        """Leave a data file that no commit knows, as a killed run does; return it."""
        written = next((self.root / "home" / "data").rglob("ducklake-*.parquet"))
        return Path(shutil.copy(written, written.with_name("ducklake-01900000-0000-7000-8000-000000000000.parquet")))

    def leftovers(self) -> list[Path]:
        """What killed runs left."""
        with connect(Settings()) as connection:
            return leftovers(connection, Settings())

    def value(self, sql: str) -> object:
        return self.rows(sql)[0][0]

    def checksums(self, layers: tuple[str, ...] = ("raw", "spend", "features", "segments")) -> dict[str, object]:
        with connect(Settings(), read_only=True) as connection:
            return dict(table_checksums(connection, layers))

    def dated(self, dates: Sequence[date]) -> dict[str, list[tuple[object, ...]]]:
        """Rows of some business dates, in an order of their own."""
        wanted = ", ".join(f"DATE '{day}'" for day in dates)
        return {name: self.rows(f"FROM {name} WHERE as_of IN ({wanted}) ORDER BY ALL") for name in DATED}


def new_bank(root: Path) -> Bank:
    two_month_bank(root / "reference")
    simulate(customers=120, years=1, seed=3, out=root / "source", last_month=date(2025, 12, 1))
    return Bank(root, root)


def copy_bank(bank: Bank, root: Path) -> Bank:
    """Copy the home alone: the ledger knows a source by its path, and a moved one would be loaded again."""
    shutil.copytree(bank.root / "home", root / "home", symlinks=True)
    return Bank(root, bank.origin)


def first_night(as_of: date) -> None:
    from flows.nightly import nightly

    nightly(as_of)
