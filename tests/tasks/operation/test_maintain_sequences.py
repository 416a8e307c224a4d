"""Whatever the order of nights and maintenances: what is kept is as if there had been no maintenance.

MAINTENANCE_EXAMPLES=50 makes it a long run, of longer sequences.
"""

import os
import shutil
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tasks.operation.provenance import LET_GO
from tasks.operation.verify import read_report
from tests.support.costly import costly
from tests.tasks.operation.retained import (
    DAILY,
    FIRST,
    KEEP,
    content,
    files_known,
    files_on_disk,
    made_dates,
    maintain,
    night,
    rows,
    said,
    without_models,
)
from warehouse.settings import Settings

pytestmark = pytest.mark.warehouse
IS_LONG = "MAINTENANCE_EXAMPLES" in os.environ
EXAMPLES, LONGEST = (int(os.environ["MAINTENANCE_EXAMPLES"]), 7) if IS_LONG else (1, 5)
NIGHT = st.tuples(st.just("night"), st.integers(0, 9), st.integers(0, 1))
MAINTENANCE = st.tuples(st.just("maintain"), st.sampled_from((0, 9, 20)), st.just(0))


def is_month_end(day: date) -> bool:
    return (day + timedelta(days=1)).day == 1


@costly(EXAMPLES)
@example(events=[("night", 0, 0), ("night", 4, 0), ("maintain", 0, 0), ("night", 0, 1)])
@given(events=st.lists(NIGHT | MAINTENANCE, min_size=3, max_size=LONGEST))
def test_what_is_kept_is_as_if_there_had_been_no_maintenance(
    migrated_home: Path, monkeypatch: pytest.MonkeyPatch, events: list[tuple[str, int, int]]
) -> None:
    monkeypatch.setattr("tasks.operation.merging.FEW", 1)
    with TemporaryDirectory() as folder, without_models():
        cared, left = (Settings(home=Path(folder) / name, threads=1) for name in ("cared", "left"))
        cared = cared.model_copy(update={"keep_days": KEEP})
        for settings in (cared, left):
            shutil.copytree(migrated_home, settings.home)
        nights: list[tuple[date, int]] = []
        published: set[date] = set()
        made: set[date] = set()
        for what, number, version in [*events, ("maintain", 20, 0)]:
            if what == "night":
                day = FIRST + timedelta(days=number)
                night(cared, day, version)
                nights.append((day, version))
                published.add(day)
                made.add(day)
            else:
                maintain(cared, number)
                limit = max(published, default=FIRST) - timedelta(days=KEEP)
                made = {day for day in made if day >= limit or is_month_end(day)}
            assert made_dates(cared) == made
            gone = {row[0] for row in rows(cared, f"SELECT as_of FROM ops.provenance WHERE stage = '{LET_GO}'")}
            assert gone == published - made
        assert {path.name for path in (cared.home / "exports").glob("*")} == {f"as_of={day}" for day in made}
        found = said(cared, set(made))
        assert [table for table in DAILY if content(cared, table, set(gone))] == []
        report = read_report(cared)
        assert (report.problems, report.compared) == ((), report.files)
        assert files_on_disk(cared) == files_known(cared)
        for day, version in nights:
            night(left, day, version)
        assert found == said(left, set(made))
