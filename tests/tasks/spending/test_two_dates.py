"""Two dates of a month that are made at once: what they share is written once, on every kind of catalog."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from threading import Barrier, Thread, local
from typing import Any

import pytest

from tasks.spending import periods
from tasks.spending.periods import refresh_by_period
from tests.tasks.builders import Bank, new_bank, row, write_csv
from warehouse.reference.sets import ReferenceSet

DATES = (date(2024, 3, 10), date(2024, 3, 11))
TWICE = "SELECT count(*) FROM (FROM spend.periods GROUP BY ALL HAVING count(*) > 1)"


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


def made_at_once(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(periods, "replace_steps", meeting(periods.replace_steps))
    threads = [Thread(target=refresh_by_period, args=(bank.settings, day, "run")) for day in DATES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    listed = ", ".join(f"DATE '{day}'" for day in DATES)
    assert bank.query(f"SELECT count(*) FROM spend.steps WHERE as_of IN ({listed})") == [(24,)]
    assert bank.query("SELECT count(*) > 0 FROM spend.periods") == [(True,)]
    assert bank.query(TWICE) == [(0,)]


def filled(bank: Bank, root: Path) -> Bank:
    days = [f"2024-{month:02}-05" for month in (1, 2, 3)]
    bank.ingest(
        write_csv(
            root / "a.csv", [row(f"{day}-{n}", booked_at=day, customer_id=f"c{n}") for day in days for n in range(12)]
        )
    )
    bank.aggregate(date(2023, 12, 31))
    return bank


@pytest.mark.warehouse
def test_on_sqlite(bank: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made_at_once(filled(bank, tmp_path), monkeypatch)


@pytest.mark.postgres
def test_on_postgres(
    reference: ReferenceSet, tmp_path: Path, postgres_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank = new_bank(tmp_path / "home", reference, catalog=f"postgres:{postgres_dsn}")
    made_at_once(filled(bank, tmp_path), monkeypatch)
