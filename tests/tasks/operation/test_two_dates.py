"""Two dates of a month that are made at once: what they share is written once, on every kind of catalog."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from threading import Barrier, Thread, local
from typing import Any

import pytest

from tasks.operation.held_traces import BY_ID
from tasks.science.candidates import enter_candidate
from tasks.science.features import build_features
from tasks.spending import periods
from tasks.spending.aggregate import refresh_monthly
from tests.tasks.builders import Bank, new_bank, write_csv
from tests.tasks.operation.histories import SETTINGS, model_under, roster_rows
from warehouse.connection import connect, in_transaction
from warehouse.reference.sets import ReferenceSet

DATES = (date(2024, 3, 10), date(2024, 3, 11))
TWICE = "SELECT count(*) FROM (FROM spend.periods GROUP BY ALL HAVING count(*) > 1)"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def shared(request: pytest.FixtureRequest, reference: ReferenceSet, tmp_path: Path, migrated_home: Path) -> Bank:
    """A bank whose rows are in, and summed by month."""
    is_server = request.param == "postgres"
    catalog = f"postgres:{request.getfixturevalue('postgres_dsn')}" if is_server else ""
    migrated = None if is_server else migrated_home
    bank = new_bank(tmp_path / "home", reference, migrated=migrated, catalog=catalog, **SETTINGS)
    bank.ingest(write_csv(tmp_path / "a.csv", roster_rows()))
    refresh_monthly(bank.settings)
    return bank


def meeting(work: Callable[..., Any]) -> Callable[..., Any]:
    """Let two threads wait for each other behind their first turn at some work, before either commits."""
    barrier, first = Barrier(2), local()

    def met(*arguments: Any) -> Any:
        done = work(*arguments)
        if not hasattr(first, "over"):
            first.over = True
            barrier.wait(60)
        return done

    return met


def at_once(work: Callable[[date], object]) -> None:
    threads = [Thread(target=work, args=(day,)) for day in DATES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def make_periods(bank: Bank, day: date) -> None:
    periods.refresh_by_period(bank.settings, day, "run")


@pytest.mark.warehouse
def test_periods(shared: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(periods, "replace_steps", meeting(periods.replace_steps))
    at_once(lambda day: make_periods(shared, day))
    listed = ", ".join(f"DATE '{day}'" for day in DATES)
    assert shared.query(f"SELECT count(*) FROM spend.steps WHERE as_of IN ({listed})") == [(24,)]
    assert shared.query("SELECT count(*) > 0 FROM spend.periods") == [(True,)]
    assert shared.query(TWICE) == [(0,)]


@pytest.mark.warehouse
def test_features(shared: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    for day in DATES:
        make_periods(shared, day)
    model = model_under(shared.reference)
    monkeypatch.setattr("tasks.science.features.enter_candidate", meeting(enter_candidate))

    def build(day: date) -> None:
        with connect(shared.settings) as connection:
            in_transaction(connection, lambda: build_features(connection, shared.settings, model, day, "run"), 5)

    at_once(build)
    for column, (table, *_) in BY_ID.items():
        keys = f"SELECT count(*), count(DISTINCT ({column}, customer_key)) FROM {table}"
        rows, distinct = shared.query(keys)[0]
        assert rows == distinct > 0
    assert shared.query("SELECT count(DISTINCT as_of) FROM candidates.trajectories") == [(2,)]
