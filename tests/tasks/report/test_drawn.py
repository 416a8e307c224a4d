"""Pages of a bank that went all the way: what is read from the warehouse can be drawn, and is."""

import pytest

from tasks.report.customer import read_customer
from tasks.report.page import render_customer, render_report
from tasks.report.read import read_report
from tests.flows.browser import SHOTS
from tests.tasks.report.parsed import by_id, code_of, figure, parse, rows_of
from tests.tasks.science.conftest import AS_OF, Bank
from warehouse.connection import connect

pytestmark = pytest.mark.warehouse


def test_sizes_on_the_page_are_those_of_the_published_summary(reported: Bank) -> None:
    source = render_report(read_report(reported.settings, AS_OF), {})
    SHOTS.mkdir(exist_ok=True)
    (SHOTS / "report.html").write_text(source, encoding="utf-8")
    told = {code_of(row[0]): figure(row[1].words) for row in rows_of(parse(source), "segments-table")}
    with connect(reported.settings, read_only=True) as connection:
        rows = connection.execute("SELECT segment, customers FROM segments.summary WHERE as_of = $1", [AS_OF])
        assert told == dict(rows.fetchall())


def test_the_page_of_a_customer_says_the_published_segment(reported: Bank) -> None:
    with connect(reported.settings, read_only=True) as connection:
        customer_id, segment = connection.execute(
            "SELECT customer_id, segment FROM segments.current JOIN raw.customers USING (customer_key) "
            "WHERE depth > 1 ORDER BY customer_key LIMIT 1"
        ).fetchall()[0]
    source = render_customer(read_customer(reported.settings, customer_id))
    SHOTS.mkdir(exist_ok=True)
    (SHOTS / "customer.html").write_text(source, encoding="utf-8")
    assert f"({segment})" in by_id(parse(source), "where").words
