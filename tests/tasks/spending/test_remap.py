"""Spending under a version that waits is what it will be once the version is active, and nothing else is touched."""

from pathlib import Path

import pytest

from expectations import candidate_periods
from expectations.engine import validate
from tasks.spending.aggregate import refresh_stale
from tasks.spending.period import Step
from tasks.spending.periods import refresh_by_period
from tasks.spending.remap import build_periods, move_periods
from tests.support.checksums import table_checksums
from tests.tasks.builders import CODES, TODAY, Bank, row, write_csv, write_reference
from warehouse.connection import connect, in_transaction
from warehouse.reference.sets import ReferenceSet, load_reference
from warehouse.reference.tables import activate

pytestmark = pytest.mark.warehouse
# What waits is kept here, beside what is in force.
BESIDE = {"ref.versions", "ref.class_versions", "spend.periods"}
ROWS = [
    row(1, booked_at="2024-06-05"),
    row(2, booked_at="2024-05-05", source_code="TRIP", amount="30.00"),
    row(3, booked_at="2024-05-06", source_code="TRIP", amount="-12.50"),
    row(4, booked_at="2023-12-31", source_code="NEW", amount="7.10"),
    row(5, booked_at="2022-01-01", source_code="FEE", customer_id="ben"),
    row(6, booked_at="2024-06-30", source_code="PAY", customer_id="ben", amount="-500.00"),
    row(7, booked_at="2024-02-29", source_code="0742", customer_id="ben", amount="-9.99"),
]


@pytest.fixture
def filled(bank: Bank, tmp_path: Path) -> Bank:
    bank.ingest(write_csv(tmp_path / "a.csv", ROWS))
    bank.aggregate()
    return bank


def newer(folder: Path) -> ReferenceSet:
    """A code moved, one added, one that counts no more, and the classes in another order."""
    changed = {"FOOD": ("travel", "spend"), "NEW": ("vets", "spend"), "FEE": ("", "other")}
    write_reference(folder, CODES | changed)
    classes = (
        "class_id,code,label,group\n3,food,Food,Home\n1,travel,Travel,Leisure\n2,vets,Vets,Home\n0,fees,Fees,Bank\n"
    )
    (folder / "classes.csv").write_text(classes)
    return load_reference(folder)


def build(bank: Bank, content: ReferenceSet) -> list[Step]:
    with connect(bank.settings) as connection:
        return in_transaction(connection, lambda: build_periods(connection, content, TODAY))


def test_nothing_in_force_is_touched(filled: Bank, tmp_path: Path) -> None:
    def tables() -> dict[str, tuple[int, int]]:
        with connect(filled.settings, read_only=True) as connection:
            found = table_checksums(connection, ("raw", "ref", "spend", "features", "segments"))
        return {name: found[name] for name in found.keys() - BESIDE}

    before = tables()
    assert build(filled, newer(tmp_path / "r"))
    assert tables() == before


def test_the_sums_are_those_of_the_version_once_it_is_active(filled: Bank, tmp_path: Path) -> None:
    content = newer(tmp_path / "r")
    build(filled, content)
    with connect(filled.settings) as connection:

        def move() -> None:
            activate(connection, content)
            refresh_stale(connection)
            move_periods(connection, TODAY, content.version)

        in_transaction(connection, move)
    moved, monthly = filled.periods(), filled.monthly()
    assert moved
    with connect(filled.settings) as connection:
        connection.execute("DELETE FROM ops.provenance")
        connection.execute("INSERT INTO raw.stale_months (month) SELECT DISTINCT month FROM spend.monthly")
        in_transaction(connection, lambda: refresh_stale(connection))
    refresh_by_period(filled.settings, TODAY, "anew")
    assert (filled.periods(), filled.monthly()) == (moved, monthly)
    assert {(each[1], each[3], each[6], str(each[7])) for each in moved if each[2] == "anna"} == {
        ("annual", 6, 2, "7.10"),
        ("annual", 6, 1, "27.50"),
        ("bimonthly", 3, 2, "7.10"),
        ("bimonthly", 6, 1, "27.50"),
    }


def test_built_twice_it_is_the_same_and_given_up_it_leaves_nothing(filled: Bank, tmp_path: Path) -> None:
    before = filled.query("FROM spend.periods ORDER BY ALL")
    build(filled, newer(tmp_path / "r"))
    waiting = filled.query("FROM candidates.by_period ORDER BY ALL")
    build(filled, newer(tmp_path / "r"))
    assert filled.query("FROM candidates.by_period ORDER BY ALL") == waiting != []
    build(filled, filled.reference)
    assert filled.query("FROM spend.periods ORDER BY ALL") == before  # equal spans of equal sums are one period


def test_the_gate_holds_and_sees_one_amount_that_is_wrong(filled: Bank, tmp_path: Path) -> None:
    content = newer(tmp_path / "r")
    build(filled, content)
    suite = candidate_periods.suite(TODAY, content.version)
    assert validate(filled.settings, suite, TODAY, "run").passed
    with connect(filled.settings) as connection:
        connection.execute(
            "UPDATE spend.periods SET amount = amount + 1 WHERE period_id = "
            "(SELECT period_id FROM candidates.steps WHERE step = 6 AND window_name = 'annual')"
        )
    closed = validate(filled.settings, suite, TODAY, "run")
    assert not closed.passed
    failed = [outcome.expectation for outcome in closed.outcomes if outcome.outcome != "passed"]
    assert failed == ["shares_sum_to_one", "conserves_annual_6"]
