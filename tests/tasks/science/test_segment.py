"""Segments: the published depth protects small groups, and the tables follow the business date."""

import numpy as np
import pytest

from model.disclosure import published_depth
from model.vocabulary import MAX_DEPTH
from tasks.science.cut import NAMES, cut_customers
from tests.support.release import build_and_release
from tests.tasks.science.conftest import AS_OF, EARLIER, Bank
from warehouse.connection import connect


def test_a_minimum_of_one_publishes_the_whole_depth() -> None:
    customers = {f"h{unit + 1}": np.eye(3)[unit] for unit in range(3)}
    others = {"customer_key": np.arange(3), "active_steps": np.full(3, 6), "determined": np.full(3, True)}
    cut = cut_customers(customers | others, np.random.default_rng(1).standard_normal((3, 5)), 3)
    assert (published_depth(NAMES[cut.codes], 1) == MAX_DEPTH).all()


@pytest.mark.warehouse
def test_every_known_customer_has_one_segment(bank_home: Bank) -> None:
    with connect(bank_home.settings, read_only=True) as connection:
        known = connection.execute("SELECT count(*) FROM raw.customers").fetchone()
        found = connection.execute("SELECT count(*), count(DISTINCT customer_key) FROM segments.current").fetchone()
    assert known is not None
    assert found == (known[0], known[0])


@pytest.mark.warehouse
def test_segments_are_the_outputs_order(bank_home: Bank) -> None:
    with connect(bank_home.settings, read_only=True) as connection:
        wrong = connection.execute(
            "SELECT count(*) FROM segments.current AS s JOIN features.trajectories AS t USING (customer_key) "
            "WHERE t.as_of = s.as_of AND t.window_name = s.window_name AND t.step = 6 AND s.depth > 0 AND "
            "s.segment_1 != ['O', 'C', 'E', 'A', 'N'][list_position([output_o, output_c, output_e, output_a, "
            "output_n], greatest(output_o, output_c, output_e, output_a, output_n))]"
        ).fetchone()
    assert wrong == (0,)


@pytest.mark.warehouse
def test_current_never_moves_back_and_the_views_see_both_dates(bank: Bank) -> None:
    with connect(bank.settings) as connection:
        build_and_release(connection, bank.settings, bank.model, EARLIER)
    with connect(bank.settings, read_only=True) as connection:
        current = connection.execute("SELECT DISTINCT as_of FROM segments.current").fetchall()
        dates = connection.execute("SELECT as_of, previous FROM segments.dates ORDER BY as_of").fetchall()
        moved = connection.execute(
            "SELECT sum(customers) FROM segments.transitions WHERE as_of = $1", [AS_OF]
        ).fetchone()
        customers = connection.execute("SELECT count(*) FROM segments.by_date WHERE as_of = $1", [AS_OF]).fetchone()
        open_spells = connection.execute("SELECT count(*) FROM segments.history WHERE valid_to IS NULL").fetchone()
        holes = connection.execute(
            "SELECT count(*) FROM segments.history AS a JOIN segments.by_date AS b USING (customer_key) "
            "WHERE b.as_of >= a.valid_from AND (a.valid_to IS NULL OR b.as_of < a.valid_to) AND a.segment != b.segment"
        ).fetchone()
    assert current == [(AS_OF,)]
    assert dates == [(EARLIER, None), (AS_OF, EARLIER)]
    assert moved == customers == open_spells
    assert holes == (0,)


@pytest.mark.warehouse
def test_few_steps_are_called_insufficient(bank: Bank) -> None:
    strict = bank.settings.model_copy(update={"min_active_steps": 6})
    with connect(strict) as connection:
        build_and_release(connection, strict, bank.model, AS_OF)
        rows = connection.execute(
            "SELECT count(*) FROM segments.current JOIN features.inputs USING (customer_key, as_of, window_name) "
            "WHERE (active_steps < 6) != (segment = 'insufficient_data')"
        ).fetchone()
    assert rows == (0,)
