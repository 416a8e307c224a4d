"""What people read: degrees, units in the headers, and never a None or a nan."""

import math
import re
from datetime import date

import pytest

from flows.cli import build_parser
from tasks.publishing.decision_tables import (
    comparison_table,
    decision_page,
    gates_table,
    movers_table,
    sizes_table,
)
from tasks.publishing.digest import digest
from tasks.publishing.summarize import summarize
from tasks.science.retrain import Decision, Gate
from warehouse.connection import connect
from warehouse.settings import Settings

AS_OF = date(2024, 6, 30)
SEGMENTS = """
INSERT INTO segments.summary (as_of, segment, depth, customers, part, mean_margin, top_classes, model_version) VALUES
    ('2024-06-30', 'E', 1, 30, 0.6, 0.5235987755982988, 'Food', 'm'),
    ('2024-06-30', 'insufficient_data', 0, 20, 0.3, NULL, NULL, 'm'),
    ('2024-06-30', 'undetermined', 0, 20, 0.1, 'nan', NULL, 'm')
"""


def cells_of(settings: Settings) -> dict[str, list[tuple[str, ...]]]:
    return {table.title: [table.header, *table.rows] for table in summarize(settings, AS_OF).tables}


@pytest.mark.warehouse
def test_margins_are_degrees_and_empty_where_there_is_none(lake: Settings) -> None:
    with connect(lake) as connection:
        connection.execute(SEGMENTS)
    header, *rows = cells_of(lake)["Segments"]
    place = header.index("margin, degrees")
    assert [(row[0], row[place]) for row in rows] == [("E", "30.0"), ("insufficient_data", ""), ("undetermined", "")]
    text = digest(lake, AS_OF, "run", []).markdown + str(cells_of(lake)) + summarize(lake, AS_OF).headline
    assert "None" not in text
    assert "nan" not in text


@pytest.mark.warehouse
def test_an_empty_warehouse_is_told_of_without_none(lake: Settings) -> None:
    text = summarize(lake, AS_OF).headline + str(cells_of(lake)) + digest(lake, AS_OF, "run", []).markdown
    assert "None" not in text


@pytest.mark.warehouse
def test_totals_say_which_way_the_money_went(lake: Settings) -> None:
    headers = {title: rows[0] for title, rows in cells_of(lake).items()}
    assert headers[f"Accepted rows, twelve months to {AS_OF}"][2] == "money out minus money in"
    assert headers["Spending by period"][-1] == "spending"


@pytest.mark.warehouse
def test_one_load_is_no_loads(lake: Settings) -> None:
    with connect(lake) as connection:
        connection.execute("INSERT INTO raw.loads (load_id, status) VALUES ('one', 'published')")
        assert "from 1 load, " in summarize(lake, AS_OF).headline
        connection.execute("INSERT INTO raw.loads (load_id, status) VALUES ('two', 'published')")
    assert "from 2 loads, " in summarize(lake, AS_OF).headline


@pytest.mark.warehouse
def test_kinds_are_those_of_the_rows_of_twelve_months(lake: Settings) -> None:
    days = {"old": "2023-06-30", "first": "2023-07-01", "last": "2024-06-30", "late": "2024-07-01"}
    with connect(lake) as connection:
        for kind, day in days.items():
            columns = f"DATE '{day}' AS booked_on, '{kind}' AS kind"
            connection.execute(f"INSERT INTO raw.transactions BY NAME SELECT {columns}")
    _, *rows = cells_of(lake)[f"Accepted rows, twelve months to {AS_OF}"]
    assert sorted(row[0] for row in rows) == ["first", "last"]


def test_a_figure_that_could_not_be_measured_is_empty() -> None:
    decision = Decision(
        version="c",
        promoted=False,
        reason="worse",
        agreement=0.5,
        champion={"trait_r2": 0.8, "state_r2": math.nan},
        challenger={"trait_r2": 0.75, "state_r2": 0.5},
        movers={("E", "O"): 3, ("A", "O"): 1_200},
    )
    assert [row[1:] for row in comparison_table(decision).rows] == [("", "0.500", ""), ("0.800", "0.750", "-0.050")]
    assert movers_table(decision).rows == (
        ("agreeableness", "openness", "1,200"),
        ("extraversion", "openness", "3"),
    )


def test_gates_have_threshold_and_margin_and_those_not_met_come_first() -> None:
    gates = (
        Gate("trait_r2", 0.80, 0.78),
        Gate("state_r2", math.nan, 0.5),
        Gate("agreement", 0.85, 0.9),
        Gate("class_shares", 0.25, 0.25, at_least=False),
    )
    decision = Decision("c1", False, "worse", 0.85, {}, {}, {}, gates, {"E": (30, 50), "other": (40, 20)})
    rows = gates_table(decision).rows
    assert [row[1:] for row in rows] == [
        ("85.0%", "at least 90.0%", "-5.0%", "NOT MET"),
        ("0.250", "below 0.250", "+0.000", "NOT MET"),
        ("0.800", "at least 0.780", "+0.020", "met"),
        ("", "at least 0.500", "", "met"),
    ]
    assert sizes_table(decision).rows[0] == ("E", "extraversion", "30", "50", "+20")
    page = decision_page(decision, AS_OF)
    assert page.startswith("# Retraining of 2024-06-30: champion stays: worse")
    for command in re.findall("`microseg ([^`]+)`", page):
        build_parser().parse_args(command.split())
