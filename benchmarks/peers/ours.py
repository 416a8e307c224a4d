"""Ours, with the functions that a night calls, on the same files; what it holds then is what the peers must hold."""

from collections.abc import Callable
from datetime import date
from time import perf_counter
from typing import Any

from benchmarks.measure import Case
from benchmarks.peers.state import MONTHS, PERIODS, Sums, measured, state_of, sums


def load_first(case: Case) -> dict[str, Any]:
    """Load all files into an empty lake."""
    start = perf_counter()
    from benchmarks.homes import fresh_home

    return _load(case, start, lambda: fresh_home(state_of(case, "load-ours")))


def load_next(case: Case) -> dict[str, Any]:
    """Load what is new."""
    start = perf_counter()
    from benchmarks.homes import copied_home

    return _load(case, start, lambda: copied_home(state_of(case, "load-ours"), state_of(case, "load-ours-next")))


def _load(case: Case, start: float, home: Callable[[], Any]) -> dict[str, Any]:
    from benchmarks.homes import context_of
    from tasks.intake.ingest import ingest_sources

    settings = home()
    figures = measured(
        lambda: ingest_sources(context_of(settings), [f"{case.options['source']}/*.parquet"]).accepted, start
    )
    return figures | {"sums": {"rows": held(settings, "raw.transactions", "strftime(booked_on, '%Y-%m')")}}


def months_first(case: Case) -> dict[str, Any]:
    """Sum every month of a lake that was loaded."""
    return sum_up(case, "load-ours", "months-ours", with_periods=False)


def months_next(case: Case) -> dict[str, Any]:
    """Sum the month of the new day."""
    return sum_up(case, "sums-ours-loaded", "months-ours-next", with_periods=False)


def sums_first(case: Case) -> dict[str, Any]:
    """Sum every month, and the steps of the first date."""
    return sum_up(case, "load-ours", "sums-ours", with_periods=True)


def sums_next(case: Case) -> dict[str, Any]:
    """Sum the month of the new day, and the steps of its date."""
    return sum_up(case, "sums-ours-loaded", "sums-ours-next", with_periods=True)


def deliver(case: Case) -> dict[str, Any]:
    """Load the new day into a lake that was summed: where the sums of the next day begin, also those of the peers."""
    from benchmarks.homes import context_of, copied_home
    from tasks.intake.ingest import ingest_sources

    settings = copied_home(state_of(case, "sums-ours"), state_of(case, "sums-ours-loaded"))
    return measured(
        lambda: ingest_sources(context_of(settings), [f"{case.options['source']}/*.parquet"]).accepted, perf_counter()
    )


def sum_up(case: Case, template: str, place: str, with_periods: bool) -> dict[str, Any]:
    """Bring the sums of a copy of a lake up to date, and read them back."""
    start = perf_counter()
    from benchmarks.homes import copied_home
    from tasks.spending.aggregate import refresh_monthly
    from tasks.spending.periods import refresh_by_period

    settings, as_of = (
        copied_home(state_of(case, template), state_of(case, place)),
        date.fromisoformat(case.options["as_of"]),
    )

    def work() -> None:
        refresh_monthly(settings)
        if with_periods:
            refresh_by_period(settings, as_of, "benchmark")

    figures = measured(work, start)
    parts = {"months": held(settings, *MONTHS)}
    if with_periods:
        parts["periods"] = held(settings, *PERIODS)
    return figures | {"sums": parts}


def held(settings: Any, relation: str, name: str) -> Sums:
    """Return rows and cents of a table of the lake."""
    from warehouse.connection import connect

    with connect(settings, read_only=True) as connection:
        return sums(connection, relation, name)
