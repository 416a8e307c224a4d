"""`Journal.run` keeps the types of its stage: mypy rejects a wrong argument, and an ignore that is not needed.

Nothing here runs: it is mypy, with warn_unused_ignores (part of strict), that turns red when the types get lost.
"""

from datetime import date

from flows.release import Run
from tasks.operation.journal import Journal
from tasks.stages.spending import aggregate_months, aggregate_periods
from warehouse.settings import Settings


def accepted(journal: Journal, run: Run, settings: Settings) -> None:
    journal.run(aggregate_months, settings)
    journal.run(aggregate_periods, settings, date(2026, 1, 31), journal.run_id)
    run(aggregate_periods, settings, as_of=date(2026, 1, 31), run_id="run")


def rejected(journal: Journal, run: Run, settings: Settings) -> None:
    journal.run(aggregate_months)  # type: ignore[arg-type]  # one too few
    journal.run(aggregate_months, "home")  # type: ignore[arg-type]  # a wrong type
    journal.run(aggregate_periods, settings, "2026-01-31", journal.run_id)  # type: ignore[arg-type]
    run(aggregate_months, settings, 1)  # type: ignore[arg-type]  # one too many
