"""Spending under a version that waits, summed by units: the tables and the verdict of one process."""

from datetime import date
from functools import partial
from pathlib import Path

import pytest

from expectations import candidate_periods
from tasks.operation.gate_plans import waiting_step_plan
from tasks.operation.validate import Gate, pass_gates
from tasks.spending import remapped_units
from tasks.spending.remap import build_periods
from tasks.spending.remapped_units import TABLES as REMAPPED
from tasks.units import buckets, months
from tasks.units.progress import silent
from tasks.units.unit import Crew, in_transaction_by_units
from tests.support.checksums import table_checksums
from tests.support.crews import shuffled_crew
from tests.tasks.builders import Bank, copy_bank, row, write_csv
from tests.tasks.spending.test_remap import newer
from warehouse.connection import connect
from warehouse.errors import GateError
from warehouse.reference.sets import ReferenceSet

pytestmark = pytest.mark.warehouse
DAY = date(2024, 6, 12)
CODES = ("FOOD", "TRIP", "0742", "FEE", "PAY", "NEW", "?")


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buckets, "BUCKET", 2)
    monkeypatch.setattr(remapped_units, "RANGES", 3)
    monkeypatch.setattr(months, "MONTHS_AT_ONCE", 4)


def purchase(number: int) -> dict[str, object]:
    day = f"{2022 + number % 3}-{1 + number % 6:02}-{1 + number % 28:02}"
    amount = f"{number % 9 - 3 or 5}.10"
    return row(number, customer_id=f"c{number % 11}", booked_at=day, amount=amount, source_code=CODES[number % 7])


def build(bank: Bank, content: ReferenceSet, crew: Crew | None) -> int:
    with connect(bank.settings) as connection:
        work = partial(build_periods, connection, content, DAY, bank.settings)
        return len(in_transaction_by_units(connection, work, crew, REMAPPED, 6, silent))


def judge(bank: Bank, content: ReferenceSet, crew: Crew | None) -> str:
    suite = candidate_periods.suite(DAY, content.version)
    gate = Gate(suite, {"subject": "v"}, partial(waiting_step_plan, as_of=DAY, suite=suite))
    try:
        pass_gates(bank.settings, [gate], DAY, "run", crew)
    except GateError as error:
        return str(error)
    return ""


@pytest.mark.usefixtures("small_parts")
def test_units_give_the_periods_and_the_verdict_of_one_process(bank: Bank, template: Bank, tmp_path: Path) -> None:
    in_one, content = copy_bank(template, tmp_path / "elsewhere"), newer(tmp_path / "r")
    file = write_csv(tmp_path / "a.csv", [purchase(number) for number in range(400)])
    for one in (bank, in_one):
        one.ingest(file)
        one.aggregate(DAY)
    crew = shuffled_crew(bank.settings, 1)
    for _ in range(2):  # once built, it is built again without a difference
        assert build(bank, content, crew) == build(in_one, content, None) == 12
        with connect(bank.settings) as here, connect(in_one.settings) as there:
            layers = ("raw", "spend", "candidates")
            assert table_checksums(here, layers) == table_checksums(there, layers)
    assert judge(bank, content, crew) == judge(bank, content, None) == ""
    bank.execute("UPDATE spend.periods SET amount = amount + 1 WHERE customer_key < 4 AND class_id = 1")
    closed = judge(bank, content, crew)
    assert closed == judge(bank, content, None)
    assert "conserves_annual_6 failed" in closed
