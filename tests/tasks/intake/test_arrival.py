"""Waiting for a late export, on a clock of the test's own."""

from datetime import timedelta
from pathlib import Path

import pytest

from tasks.intake.arrival import await_sources
from warehouse.errors import SourceError
from warehouse.settings import Settings

pytestmark = pytest.mark.warehouse


class Clock:
    """Seconds that pass only while somebody sleeps."""

    def __init__(self, arrival: float, file: Path) -> None:
        self.now, self.arrival, self.file = 0.0, arrival, file

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        if self.now >= self.arrival:
            self.file.write_text("transaction_id\n")


def wait(lake: Settings, clock: Clock, minutes: int) -> tuple[float, list[str]]:
    told: list[str] = []
    patience = timedelta(minutes=minutes)
    return await_sources(lake, [str(clock.file)], patience, told.append, clock.sleep, lambda: clock.now), told


def test_a_late_export_is_waited_for(lake: Settings, tmp_path: Path) -> None:
    waited, told = wait(lake, Clock(90, tmp_path / "late.csv"), minutes=2)
    assert waited == 90
    assert len(told) == 1
    assert "late.csv" in told[0]


def test_one_that_never_comes_is_named(lake: Settings, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"never.csv.*waited 2 minutes"):
        wait(lake, Clock(1e9, tmp_path / "never.csv"), minutes=2)


def test_without_patience_it_fails_at_once(lake: Settings, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="waited 0 minutes"):
        wait(lake, Clock(1e9, tmp_path / "never.csv"), minutes=0)
