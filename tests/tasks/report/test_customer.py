"""The page of one customer: what the tables say of that one, and the id where it was asked for and nowhere else."""

import logging
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tasks.publishing.explain import explain_customer, sentences
from tasks.report.customer import read_customer
from tasks.report.customer_content import CustomerPage
from tests.tasks.science.conftest import AS_OF, Bank
from warehouse.connection import connect
from warehouse.errors import MicrosegError

pytestmark = pytest.mark.warehouse
CUSTOMER = (
    "SELECT customer_key, customer_id, segment, depth, margin FROM segments.current "
    "JOIN raw.customers USING (customer_key) WHERE {} ORDER BY customer_key LIMIT 1"
)


def rows(bank: Bank, sql: str, *values: object) -> list[tuple[Any, ...]]:
    with connect(bank.settings, read_only=True) as connection:
        return connection.execute(sql, list(values)).fetchall()


@pytest.fixture(scope="module")
def asked(reported: Bank) -> tuple[int, CustomerPage]:
    """Key and page of a customer with a segment."""
    key, customer_id, *_ = rows(reported, CUSTOMER.format("depth > 1"))[0]
    return key, read_customer(reported.settings, customer_id)


def test_it_says_what_the_explanation_says(reported: Bank, asked: tuple[int, CustomerPage]) -> None:
    key, page = asked
    _, customer_id, segment, _, margin = rows(reported, CUSTOMER.format(f"customer_key = {key}"))[0]
    assert (page.customer_id, page.segment, page.as_of) == (customer_id, segment, AS_OF)
    assert page.margin == pytest.approx(np.degrees(margin))
    assert page.explanation == explain_customer(reported.settings, customer_id)
    assert page.sentences == sentences(page.explanation)
    assert page.words in page.description
    assert (page.model_version, page.simulated, page.stand_in, page.currency) == (
        reported.model.version,
        True,
        True,
        "EUR",
    )
    assert any("not a diagnosis" in caution for caution in page.cautions)
    assert any("stand-in" in caution for caution in page.cautions)


def test_the_way_through_the_cells_is_that_of_both_windows(reported: Bank, asked: tuple[int, CustomerPage]) -> None:
    key, page = asked
    assert [(step.window_name, step.step) for step in page.steps] == [
        (window, step) for window in ("bimonthly", "annual") for step in range(1, 7)
    ]
    text = "SELECT * EXCLUDE (model_version) FROM features.trajectories WHERE as_of = $1 AND customer_key = $2"
    true = {(row[1], row[3]): row[4:] for row in rows(reported, text, AS_OF, key)}
    spans = (
        "SELECT window_name, step, min(period_start), max(period_end) FROM spend.steps WHERE as_of = $1 GROUP BY ALL"
    )
    periods = {(window, step): days for window, step, *days in rows(reported, spans, AS_OF)}
    active = set(
        rows(
            reported,
            "SELECT DISTINCT window_name, step FROM spend.by_period WHERE as_of = $1 AND customer_key = $2",
            AS_OF,
            key,
        )
    )
    depth = len(page.segment.split("."))
    for step in page.steps:
        place = (step.window_name, step.step)
        assert (*step.state, *step.memberships) == pytest.approx(true[place])
        assert [step.first_day, step.last_day + timedelta(days=1)] == periods[place]
        assert step.active == (place in active)
        ranked = sorted("OCEAN", key=lambda letter: -step.memberships["OCEAN".index(letter)])
        assert step.segment in {".".join(ranked[:depth]), "undetermined"}
        assert (step.segment == "undetermined") == (step.azimuth is None)
    newest = page.steps[5]
    assert newest.segment == page.segment
    angles = (
        "SELECT azimuth, polar FROM features.angles WHERE (as_of, customer_key, window_name) = ($1, $2, 'bimonthly')"
    )
    assert np.radians([newest.azimuth or 0, newest.polar or 0]) == pytest.approx(
        np.array(rows(reported, angles, AS_OF, key)[0])
    )


def test_history_and_months_are_those_of_the_tables(reported: Bank, asked: tuple[int, CustomerPage]) -> None:
    key, page = asked
    text = "SELECT as_of, segment FROM segments.by_date WHERE customer_key = $1 ORDER BY as_of"
    known = rows(reported, text, key)
    told = {
        day: spell.segment
        for spell in page.history
        for day, _ in known
        if spell.since <= day and (spell.until is None or day < spell.until)
    }
    assert [(day, told[day]) for day, _ in known] == known
    assert page.history[-1].until is None
    assert page.history[-1].segment == page.segment
    assert [month.month.month for month in page.months] == list(range(1, 13))
    counted = "SELECT month, sum(transactions)::BIGINT FROM spend.monthly WHERE customer_key = $1 GROUP BY month"
    true = dict(rows(reported, counted, key))
    assert {month.month: month.rows for month in page.months if month.rows} == true
    assert all(month.loads == 1 for month in page.months)


def test_the_id_is_on_the_page_and_in_no_log_or_error(
    reported: Bank, asked: tuple[int, CustomerPage], caplog: pytest.LogCaptureFixture
) -> None:
    _, page = asked
    with caplog.at_level(logging.DEBUG):
        read_customer(reported.settings, page.customer_id)
    assert page.customer_id not in caplog.text
    assert page.customer_id not in repr(page)
    with pytest.raises(MicrosegError, match=r"^this customer has no published segment") as caught:
        read_customer(reported.settings, "nobody-4711")
    assert "4711" not in str(caught.value)


def test_a_customer_without_a_segment_has_a_page_that_says_why(reported: Bank, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(reported.settings.home, home)
    settings = reported.settings.model_copy(update={"home": home})
    bank = Bank(settings, reported.reference, reported.model, reported.data)
    key, customer_id, *_ = rows(bank, CUSTOMER.format("depth > 0"))[0]
    with connect(settings) as connection:
        connection.execute(
            "UPDATE segments.current SET segment = 'insufficient_data', depth = 0, margin = NULL, neighbour = NULL "
            "WHERE customer_key = $1",
            [key],
        )
        connection.execute("DELETE FROM traces.states WHERE customer_key = $1", [key])
        connection.execute("UPDATE features.inputs SET first_step = NULL WHERE customer_key = $1", [key])
    page = read_customer(settings, customer_id)
    assert (page.words, page.margin, page.neighbour, list(page.steps)) == ("", None, "", [])
    assert page.description.startswith("Customers with too few periods of spending")
    assert "too few for a segment" in page.sentences[0]
