import subprocess
import sys
from datetime import date, timedelta
from itertools import pairwise

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from expectations.months import month_spans, within
from expectations.spend_by_period import Period, periods
from warehouse.queries import query

DAYS = st.dates(date(1999, 1, 1), date(2099, 12, 31))


@given(st.lists(DAYS, max_size=8), DAYS)
def test_spans_hold_exactly_the_days_of_the_months(months: list[date], day: date) -> None:
    spans = month_spans(months)
    touched = {(month.year, month.month) for month in months}
    for probe in [day, *months]:
        assert sum(start <= probe < end for start, end in spans) == ((probe.year, probe.month) in touched)
    assert all(earlier[1] < later[0] for earlier, later in pairwise(spans))


@given(st.lists(DAYS, max_size=4))
def test_the_condition_says_what_the_spans_say(months: list[date]) -> None:
    probes = [month + timedelta(days=step) for month in months for step in (-31, 0, 31)] or [date(2020, 1, 1)]
    spans = month_spans(months)
    for probe in probes:
        row = duckdb.execute(f"SELECT {within('day', months)} FROM (SELECT DATE '{probe}' AS day)").fetchone()
        assert row == (any(start <= probe < end for start, end in spans),)
    assert within("day", None) == "true"


@given(DAYS)
def test_periods_are_those_of_the_aggregate(as_of: date) -> None:
    connection = duckdb.connect()
    connection.execute(query("spend/create_periods"), {"as_of": as_of})
    rows = connection.execute("SELECT window_name, step, period_start, period_end FROM periods ORDER BY ALL").fetchall()
    assert [Period(*row) for row in rows] == periods(as_of)
    connection.close()


def test_declaring_suites_does_not_import_great_expectations() -> None:
    names = "engine, raw_transactions, spend_monthly, spend_by_period, segments, features_personality"
    check = f"import sys; from expectations import {names}; sys.exit('great_expectations' in sys.modules)"
    subprocess.run([sys.executable, "-c", check], check=True)
