"""Features: one customer's result depends on nobody else's, and steps that dates share are those of a full run."""

from collections import Counter
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pytest

from model.vocabulary import WINDOWS
from tasks.operation.held_traces import BY_ID, SCORES_ID, STATES_ID
from tasks.science.features import build_features
from tasks.science.panel import Panel, read_coefficients, read_panel
from tasks.science.scope import open_scope
from tasks.science.trace import compute_block
from tests.support.release import build, build_and_release
from tests.tasks.science.conftest import AS_OF, EARLIER, Bank
from warehouse.connection import connect, in_transaction
from warehouse.settings import Settings
from warehouse.stored import live_files

pytestmark = pytest.mark.warehouse


TABLES = ("inputs", "personality", "trajectories", "angles", "reasons", "explanations", "traced")


def rows_of(settings: Settings, as_of: date, schema: str = "features") -> dict[str, list[tuple[object, ...]]]:
    with connect(settings, read_only=True) as connection:
        return {
            table: connection.execute(
                f"SELECT * FROM {schema}.{table} WHERE as_of = $1 ORDER BY ALL", [as_of]
            ).fetchall()
            for table in TABLES
        }


def spend_a_euro_more(bank: Bank) -> None:
    """Customers 3 and 5, in their first class of the newest step: it becomes another period."""
    with connect(bank.settings) as connection:
        newest = "as_of = $1 AND window_name = 'bimonthly' AND step = 6"
        (period,) = connection.execute(f"SELECT period_id FROM spend.steps WHERE {newest}", [AS_OF]).fetchall()[0]
        connection.execute(
            f"UPDATE spend.periods SET amount = amount + 1 WHERE customer_key IN (3, 5) AND period_id = {period} "
            f"AND class_id = (SELECT min(class_id) FROM spend.by_period WHERE {newest} AND customer_key IN (3, 5))",
            [AS_OF],
        )
        for table in ("periods", "steps"):
            connection.execute(f"UPDATE spend.{table} SET period_id = {period + 1} WHERE period_id = {period}")
        connection.execute("UPDATE ops.provenance SET made_from = '{\"code\": \"earlier\"}' WHERE stage = 'periods'")


def test_a_second_run_does_nothing(bank: Bank) -> None:
    with connect(bank.settings) as connection:
        again = in_transaction(
            connection, lambda: build_features(connection, bank.settings, bank.model, AS_OF, "again")
        )
    assert again is None


def shares_no_trace(connection: duckdb.DuckDBPyConnection) -> None:
    for table in ("features.traced", *BY_ID[SCORES_ID], *BY_ID[STATES_ID]):
        connection.execute(f"DELETE FROM {table}")


def test_what_another_date_has_is_not_written_again_and_the_result_equals_a_full_run(bank: Bank) -> None:
    spend_a_euro_more(bank)
    with connect(bank.settings) as connection:
        done = in_transaction(connection, lambda: build(connection, bank.settings, bank.model, AS_OF))
        part = rows_of(bank.settings, AS_OF, "candidates")
        connection.execute("DELETE FROM candidates.traced")
        shares_no_trace(connection)
        full = in_transaction(connection, lambda: build(connection, bank.settings, bank.model, AS_OF))
    assert done is not None
    assert full is not None
    assert (full.written, full.steps) == (24, 24)
    assert (done.written, done.steps) == (2, 24)
    assert part == rows_of(bank.settings, AS_OF, "candidates")


def test_features_of_other_code_are_written_anew(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("operation.provenance", "science.traced"):
        monkeypatch.setattr(f"tasks.{module}.code_version", lambda *_: "corrected")
    with connect(bank.settings) as connection:
        done = in_transaction(connection, lambda: build(connection, bank.settings, bank.model, AS_OF))
    assert done is not None
    assert (done.written, done.steps) == (24, 24)


def test_a_candidate_touches_nothing_that_is_released(bank: Bank) -> None:
    spend_a_euro_more(bank)
    before = rows_of(bank.settings, AS_OF)
    with connect(bank.settings) as connection:
        in_transaction(connection, lambda: build(connection, bank.settings, bank.model, AS_OF))
    assert rows_of(bank.settings, AS_OF) == before
    assert rows_of(bank.settings, AS_OF, "candidates") != before


def test_an_earlier_date_is_computed_without_touching_the_later(bank: Bank) -> None:
    before = rows_of(bank.settings, AS_OF)
    with connect(bank.settings) as connection:
        done = build_and_release(connection, bank.settings, bank.model, EARLIER)
    assert done is not None
    assert done.customers > 0
    assert rows_of(bank.settings, AS_OF) == before


def test_shares_of_one_block_at_a_time_lie_in_memory_and_a_chunk_is_one_file(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The block of the arithmetic keeps its size: its shape decides the rounding."""
    everybody, sizes = rows_of(bank.settings, AS_OF), []

    def read(*arguments: Any) -> Panel:
        panel = read_panel(*arguments)
        sizes.append(len(panel.keys))
        return panel

    monkeypatch.setattr("tasks.science.window.read_panel", read)
    monkeypatch.setattr("tasks.science.window.BLOCK", 40)
    monkeypatch.setattr("tasks.science.window.CHUNK", 10**6)
    monkeypatch.setattr("tasks.science.features.is_current", lambda *_: False)
    with connect(bank.settings) as connection:
        shares_no_trace(connection)
        before = {file.path for file in live_files(connection)}
        in_transaction(connection, lambda: build(connection, bank.settings, bank.model, AS_OF))
        written = Counter(file.path.split("/")[-2] for file in live_files(connection) if file.path not in before)
    made = rows_of(bank.settings, AS_OF, "candidates")
    assert [len(made[table]) for table in TABLES] == [len(everybody[table]) for table in TABLES]
    assert made["reasons"] == everybody["reasons"]
    assert max(sizes) == 40
    assert len(sizes) > 2 * len(WINDOWS)
    assert written["reasons"] == written["angles"] == 2


def test_the_order_of_customers_does_not_matter(bank_home: Bank) -> None:
    with connect(bank_home.settings, read_only=True) as connection:
        connection.execute("CREATE TEMP TABLE everyone AS SELECT customer_key FROM raw.customers")
        open_scope(connection)
        coefficients = read_coefficients(connection)
        panel = read_panel(connection, AS_OF, "bimonthly", "everyone", len(coefficients))
    order = np.random.default_rng(0).permutation(len(panel.keys))
    straight = compute_block(panel, coefficients, bank_home.model)
    mixed = compute_block(panel.take(order), coefficients, bank_home.model)
    assert np.array_equal(straight.states[order], mixed.states)
    assert np.array_equal(straight.outputs[order], mixed.outputs)
    assert np.array_equal(straight.reasons.dominant[order], mixed.reasons.dominant)


def test_reasons_add_up_to_the_lead(bank_home: Bank) -> None:
    with connect(bank_home.settings, read_only=True) as connection:
        row = connection.execute(
            "SELECT count(*), max(abs(lead - explained - intercept - residual)) FROM features.explanations"
        ).fetchone()
    assert row is not None
    assert row[0] > 0
    assert row[1] < 1e-9
