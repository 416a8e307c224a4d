"""Features: one customer's result depends on nobody else's, and carrying over equals computing."""

from datetime import date

import numpy as np
import pytest

from tasks.science.feature_tables import TABLES
from tasks.science.features import Traced, refresh_features
from tasks.science.panel import read_coefficients, read_panel
from tasks.science.trace import compute_blocks
from tests.tasks.science.conftest import AS_OF, EARLIER, Bank
from warehouse.connection import connect, in_transaction
from warehouse.settings import Settings

pytestmark = pytest.mark.warehouse


def rows_of(settings: Settings, as_of: date) -> dict[str, list[tuple[object, ...]]]:
    with connect(settings, read_only=True) as connection:
        return {
            table: connection.execute(f"SELECT * FROM {table} WHERE as_of = $1 ORDER BY ALL", [as_of]).fetchall()
            for table in (*TABLES, "features.inputs")
        }


def test_a_second_run_does_nothing(bank: Bank) -> None:
    with connect(bank.settings) as connection:
        assert in_transaction(connection, lambda: refresh_features(connection, bank.model, AS_OF, "again")) is None


def test_only_changed_customers_are_computed_and_the_result_equals_a_full_run(bank: Bank) -> None:
    with connect(bank.settings) as connection:
        changed = connection.execute(
            "UPDATE spend.by_period SET amount = amount + 1 WHERE as_of = $1 AND window_name = 'bimonthly' "
            "AND step = 6 AND customer_key IN (3, 5) AND class_id = (SELECT min(class_id) FROM spend.by_period "
            "WHERE as_of = $1 AND window_name = 'bimonthly' AND step = 6 AND customer_key IN (3, 5))",
            [AS_OF],
        ).fetchone()
        assert changed is not None
        connection.execute("DELETE FROM ops.provenance WHERE stage = 'features'")
        done = in_transaction(connection, lambda: refresh_features(connection, bank.model, AS_OF, "part"))
    part = rows_of(bank.settings, AS_OF)
    with connect(bank.settings) as connection:
        connection.execute("DELETE FROM ops.provenance; DELETE FROM features.inputs")
        in_transaction(connection, lambda: refresh_features(connection, bank.model, AS_OF, "full"))
    assert isinstance(done, Traced)
    assert 1 <= done.computed <= 2
    assert part == rows_of(bank.settings, AS_OF)


def test_an_earlier_date_is_computed_without_touching_the_later(bank: Bank) -> None:
    before = rows_of(bank.settings, AS_OF)
    with connect(bank.settings) as connection:
        done = in_transaction(connection, lambda: refresh_features(connection, bank.model, EARLIER, "past"))
    assert done is not None
    assert done.computed > 0
    assert rows_of(bank.settings, AS_OF) == before


def test_the_order_of_customers_does_not_matter(bank_home: Bank) -> None:
    with connect(bank_home.settings, read_only=True) as connection:
        connection.execute("CREATE TEMP TABLE everyone AS SELECT customer_key FROM raw.customers")
        coefficients = read_coefficients(connection)
        panel = read_panel(connection, AS_OF, "bimonthly", "everyone", len(coefficients))
    order = np.random.default_rng(0).permutation(len(panel.keys))
    (straight,) = compute_blocks(panel, coefficients, bank_home.model)
    (mixed,) = compute_blocks(panel.take(order), coefficients, bank_home.model)
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
