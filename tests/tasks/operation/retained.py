"""Business dates without a model: rows that depend on date and version alone, released like any night's."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from tasks.operation.expiry import expire, remove_files
from tasks.operation.exported import export_folder, remove_exports
from tasks.operation.held_traces import BY_ID, delete_traces
from tasks.operation.maintain import let_dates_go
from tasks.operation.merging import Merged, merge
from tasks.operation.provenance import PERIODS, record
from tasks.operation.retention import read_retention
from tasks.operation.seal import seal
from tasks.publishing.release import release_candidate
from tasks.science.candidates import FEATURES, clear_candidate, enter_candidate, mark_candidate
from tasks.spending.period import Counts, Step, write_sums
from tasks.spending.periods import replace_steps
from tasks.spending.periods import write_periods as writing
from warehouse.connection import connect, in_transaction
from warehouse.settings import Settings

CUSTOMERS = 12  # more than DuckLake keeps inside of the catalog: each table gets a file
SEGMENTS = "SELECT DATE '{day}' AS as_of, i AS customer_key, chr((65 + (i + {version}) % 3)::INTEGER) AS segment"
FROM = f"FROM range({CUSTOMERS}) AS customers (i)"
SUMMARY = "SELECT DATE '{day}' AS as_of, segment, count(*) AS customers FROM candidates.by_date WHERE as_of = '{day}'"
MODEL = "m"
FIRST = date(2026, 1, 26)  # the days after it pass the end of a month
KEEP = 2
DAILY = (*(f"features.{name}" for name in ("inputs", "personality", "trajectories", "angles")), "spend.by_period")
FOR_EVER = ("segments.by_date", "segments.history", "segments.summary", "segments.transitions", "segments.current")


@contextmanager
def without_models() -> Iterator[None]:
    """Let releases pass without a champion and a reference set: nothing here is computed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tasks.publishing.release._set_champion", lambda *_: None)
        patch.setattr(
            "tasks.publishing.release.move_reference", lambda _connection, _settings, candidate, _run: candidate
        )
        yield


def night(settings: Settings, day: date, version: int = 0) -> None:
    """Write a date as an aggregation, a candidate and a release do: three transactions, and a folder of exports."""
    with connect(settings) as connection:
        if not connection.execute("FROM models.versions").fetchone():
            connection.execute(f"INSERT INTO models.versions (model_version) VALUES ('{MODEL}')")
        in_transaction(connection, lambda: write_periods(connection, day, version))
        in_transaction(connection, lambda: write_candidate(connection, day, version))
        in_transaction(connection, lambda: release_candidate(connection, settings, day, "night"))
    folder = export_folder(settings.home.resolve(), day)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "segments.parquet").write_text("rows", encoding="utf-8")


def write_periods(connection: duckdb.DuckDBPyConnection, day: date, version: int) -> None:
    steps = [Step("annual", 6, day.replace(day=1), day + timedelta(days=1), day.toordinal() * 1000 + version)]

    def write(step: Step) -> Counts:
        amounts = f"SELECT i AS customer_key, 1 AS class_id, (1 + i + {version})::DECIMAL(18, 2) AS amount {FROM}"
        connection.execute(f"CREATE OR REPLACE TEMP TABLE step_sums AS {amounts}")
        return write_sums(connection, step.period)

    writing(connection, steps, lambda missing: map(write, missing))
    replace_steps(connection, day, steps)
    record(connection, day, PERIODS, {"2026-01": str(version)}, "night")


def write_candidate(connection: duckdb.DuckDBPyConnection, day: date, version: int) -> None:
    clear_candidate(connection, day)
    dated = f"SELECT DATE '{day}' AS as_of, 'annual' AS window_name, '{MODEL}' AS model_version"
    for table in set(FEATURES) - {"traced"}:
        connection.execute(f"INSERT INTO candidates.{table} BY NAME {dated}, i + {version} AS customer_key {FROM}")
    held_id = day.toordinal() * 1000 + version
    connection.execute(
        f"INSERT INTO candidates.traced BY NAME {dated}, 6 AS step, {held_id} AS scores_id, {held_id} AS states_id"
    )
    for column, tables in BY_ID.items():
        delete_traces(connection, column, {held_id})
        for table in tables:
            ids = f"SELECT {held_id} AS {column}"
            connection.execute(f"INSERT INTO {table} BY NAME {ids}, i + {version} AS customer_key {FROM}")
    segments = SEGMENTS.format(day=day, version=version)
    connection.execute(f"INSERT INTO candidates.by_date BY NAME {segments}, 1 AS depth {FROM}")
    connection.execute(f"INSERT INTO candidates.summary BY NAME {SUMMARY.format(day=day)} GROUP BY ALL")
    enter_candidate(connection, day, MODEL, {"2026-01": str(version)}, "night")
    mark_candidate(connection, day, "passed")


def maintain(settings: Settings, days_ahead: int = 0, run_id: str = "maintenance") -> tuple[int, Merged, int, int]:
    """Do what the flow does, as if some days had passed since; return what each stage did."""
    now = datetime.now(UTC) + timedelta(days=days_ahead)
    dates = let_dates_go(settings, run_id)
    with connect(settings) as connection:
        gone = read_retention(connection, settings).gone
    remove_exports(settings, gone)
    merged = merge(settings)
    seal(settings)
    return len(dates), merged, expire(settings, now), remove_files(settings, now)


def rows(settings: Settings, sql: str) -> list[tuple[object, ...]]:
    """Ask the warehouse."""
    with connect(settings, read_only=True) as connection:
        return connection.execute(sql).fetchall()


def made_dates(settings: Settings) -> set[object]:
    """Return the dates that have features."""
    return {row[0] for row in rows(settings, "SELECT DISTINCT as_of FROM features.inputs")}


def files_on_disk(settings: Settings) -> set[str]:
    """Return the names of all data files in the home."""
    return {path.name for path in Path(settings.data_uri).rglob("*.parquet")}


def files_known(settings: Settings) -> set[object]:
    """Return the names of all data files that the catalog knows."""
    from warehouse.queries import query

    return {row[0] for row in rows(settings, query("ops/select_data_files"))}


def content(settings: Settings, table: str, dates: set[object]) -> list[tuple[object, ...]]:
    """Return the rows of some dates."""
    wanted = ", ".join(f"DATE '{day}'" for day in dates) or "NULL"
    return rows(settings, f"SELECT * FROM {table} WHERE as_of IN ({wanted}) ORDER BY ALL")


def said(settings: Settings, dates: set[object]) -> dict[str, list[tuple[object, ...]]]:
    """Return all that is kept: the rows of some dates in the daily tables, and those of the others.

    Of one warehouse after the other: in turns, each question would open its warehouse anew.
    """
    daily = {table: content(settings, table, dates) for table in DAILY}
    return daily | {table: always(settings, table) for table in FOR_EVER}


def always(settings: Settings, table: str) -> list[tuple[object, ...]]:
    """Return the rows of all dates, without the moment of publishing."""
    without = "EXCLUDE (published_at)" if table == "segments.current" else ""
    return rows(settings, f"SELECT * {without} FROM {table} ORDER BY ALL")
