"""A stage on the pages of Prefect: its bar ends full, its end is a line of the log, its date is in its name."""

import logging
from collections.abc import Sequence
from datetime import date

import pytest
from prefect import flow
from prefect.context import TaskRunContext

from tasks.operation.journal import Outcome
from tasks.operation.watching import counting
from tasks.stages.stage import stage
from tests.flows.progress_bars import newest_bars
from warehouse.errors import MicrosegError, SourceError

pytestmark = [pytest.mark.flow, pytest.mark.usefixtures("prefect_server")]
DAY = date(2025, 10, 31)


@stage(name="count-it", retries=0)
def count_it(key: str, as_of: date, counts: Sequence[tuple[int, int]], error: Exception | None = None) -> Outcome:
    progress = counting(key, "Things counted")
    for done, total in counts:
        progress(done, total)
    if error:
        raise error
    context = TaskRunContext.get()
    assert context is not None
    return Outcome(7, context.task_run.name)


@flow(name="counting")
def counted(key: str, counts: Sequence[tuple[int, int]], error: Exception | None = None) -> Outcome:
    return count_it(key, DAY, counts, error)


@pytest.mark.parametrize(
    ("key", "counts"),
    [
        ("nothing-to-do", []),
        ("stops-early", [(10, 100), (28, 100)]),
        ("tells-before-each", [(0, 3), (1, 3), (2, 3)]),
        ("tells-after-each", [(1, 2), (2, 2)]),
        ("counts-twice", [(4, 4), (1, 4), (3, 4)]),
        ("more-than-there-is", [(5, 4)]),
    ],
)
def test_a_stage_that_ends_well_ends_at_100_per_cent(key: str, counts: list[tuple[int, int]]) -> None:
    counted(key, counts)
    assert newest_bars()[key] == 100.0


def test_a_stage_that_fails_stays_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.stages.pages.EVERY_SECONDS", 0.0)
    with pytest.raises(SourceError):
        counted("fails", [(1, 4)], SourceError("a column is missing"))
    assert newest_bars()["fails"] == 25.0


def test_the_end_of_a_stage_is_a_line_of_the_log_and_its_date_is_in_its_name(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        done = counted("named", [])
    assert done == Outcome(7, "count-it-2025-10-31")
    (line,) = [record.getMessage() for record in caplog.records if "7 rows" in record.getMessage()]
    assert line.startswith("count it 2025-10-31: 7 rows, 0.")
    assert line.endswith(", count-it-2025-10-31")


def test_outside_of_a_run_nothing_is_drawn(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(MicrosegError, match="a column is missing"):
        count_it.fn("outside", DAY, [(1, 2)], SourceError("a column is missing"))
    assert "outside" not in newest_bars()
    assert caplog.records == []
