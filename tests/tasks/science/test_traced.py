"""Traces: rows that dates share are there once, go with the last date that has them, and are made again when lost."""

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tasks.operation.held_traces import BY_ID, held_traces
from tasks.operation.repair import repair
from tasks.operation.seal import seal
from tasks.science.candidates import mark_candidate
from tests.support.release import build, build_and_release
from tests.tasks.science.conftest import AS_OF, EARLIER, Bank
from tests.tasks.science.test_features import rows_of, spend_a_euro_more
from warehouse.connection import connect, in_transaction
from warehouse.stored import address, live_files

pytestmark = pytest.mark.warehouse
TABLES = [table for tables in BY_ID.values() for table in tables]


def written(connection: duckdb.DuckDBPyConnection, table: str, column: str) -> set[int]:
    return {row[0] for row in connection.execute(f"SELECT DISTINCT {column} FROM {table}").fetchall()}


def test_what_a_date_no_longer_has_is_gone(bank: Bank) -> None:
    spend_a_euro_more(bank)
    with connect(bank.settings) as connection:
        build_and_release(connection, bank.settings, bank.model, AS_OF)
        held = held_traces(connection)
        # A step without any spend has an id and no rows.
        assert written(connection, "traces.scores", "scores_id") < held["scores_id"]
        assert written(connection, "traces.states", "states_id") < held["states_id"]
        newest = written(connection, "features.traced WHERE step = 6", "states_id")
        assert len(newest) == 2
        for table in ("traces.angles", "traces.reasons", "traces.explanations"):
            assert written(connection, table, "states_id") == newest


def test_every_customer_has_a_state_after_every_step_zeros_before_the_first(bank_home: Bank) -> None:
    with connect(bank_home.settings, read_only=True) as connection:
        known = connection.execute("SELECT count(*), count(*) FILTER (first_step > 1) FROM features.inputs").fetchone()
        states = connection.execute("SELECT count(*) FROM features.trajectories").fetchone()
        early = connection.execute(
            "SELECT count(*), max(abs(h1) + abs(h2) + abs(h3)), max(abs(output_o - 0.5)) FROM features.trajectories "
            "JOIN features.inputs USING (as_of, window_name, customer_key) WHERE step < first_step"
        ).fetchone()
    assert known is not None
    assert known[1] > 0
    assert states == (6 * known[0],)
    assert early is not None
    assert early[0] > 0
    assert early[1:] == (0, 0)  # a read-out through the origin


def test_what_a_gate_refused_is_written_again_even_where_another_date_has_it(bank: Bank) -> None:
    with connect(bank.settings) as connection:
        before = rows_of(bank.settings, AS_OF)
        connection.execute("DELETE FROM ops.provenance WHERE stage = 'release'")
        in_transaction(connection, lambda: build(connection, bank.settings, bank.model, AS_OF))
        oldest = "(SELECT scores_id FROM features.traced WHERE as_of = $1 AND window_name = 'bimonthly' AND step = 1)"
        connection.execute(f"UPDATE traces.scores SET coverage = 2 WHERE scores_id = {oldest}", [AS_OF])
        mark_candidate(connection, AS_OF, "refused")
        assert rows_of(bank.settings, AS_OF) != before
        build_and_release(connection, bank.settings, bank.model, AS_OF)
    assert rows_of(bank.settings, AS_OF) == before


@pytest.fixture(scope="module")
def of_two_dates(bank_home: Bank, tmp_path_factory: pytest.TempPathFactory) -> Bank:
    """The bank with a second date, and all files sealed; for copies."""
    home = tmp_path_factory.mktemp("two dates") / "home"
    shutil.copytree(bank_home.settings.home, home)
    bank = replace(bank_home, settings=bank_home.settings.model_copy(update={"home": home}))
    with connect(bank.settings) as connection:
        build_and_release(connection, bank.settings, bank.model, EARLIER)
    seal(bank.settings)
    return bank


@pytest.fixture(scope="module")
def before(of_two_dates: Bank) -> dict[date, Any]:
    return {day: rows_of(of_two_dates.settings, day) for day in (EARLIER, AS_OF)}


@pytest.mark.parametrize("table", TABLES)
def test_what_was_lost_is_made_again(of_two_dates: Bank, before: dict[date, Any], tmp_path: Path, table: str) -> None:
    shutil.copytree(of_two_dates.settings.home, tmp_path / "home")
    bank = replace(of_two_dates, settings=of_two_dates.settings.model_copy(update={"home": tmp_path / "home"}))
    with connect(bank.settings, read_only=True) as connection:
        lost = [file for file in live_files(connection) if file.table == table]
    for file in lost:
        Path(address(bank.settings, file.path)).unlink()
    assert repair(bank.settings).dates
    with connect(bank.settings) as connection:
        for day in before:
            build_and_release(connection, bank.settings, bank.model, day)
    assert {day: rows_of(bank.settings, day) for day in before} == before
