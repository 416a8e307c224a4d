"""What the plan of a changed reference set says, and what status says of the set on disk."""

from pathlib import Path

import pytest

from tasks.operation.reference_choice import read_configured
from tasks.operation.reference_plan import Plan, read_plan
from tasks.operation.status import Status, read_status
from tests.tasks.builders import CODES, Bank, new_bank, row, write_csv, write_reference
from warehouse.connection import connect
from warehouse.errors import MicrosegError
from warehouse.reference.sets import ReferenceSet, load_reference
from warehouse.settings import Settings

pytestmark = pytest.mark.warehouse
ROWS = [
    row(1, customer_id="anna", booked_at="2024-01-05"),
    row(2, customer_id="anna", booked_at="2024-01-06"),
    row(3, customer_id="ben", booked_at="2024-03-05"),
    row(4, customer_id="ben", booked_at="2024-03-05", source_code="TRIP"),
    row(5, customer_id="carl", booked_at="2024-05-05", source_code="NEW"),
]


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory, migrated_home: Path) -> Bank:
    """Five rows of three customers under a champion; no test writes to it."""
    root = tmp_path_factory.mktemp("plan")
    reference = write_reference(root / "reference")
    made = new_bank(root / "home", reference, migrated=migrated_home)
    made.ingest(write_csv(root / "a.csv", ROWS))
    with connect(made.settings) as connection:
        connection.execute(
            "INSERT INTO models.versions (model_version, alias, reference_hash, as_of) "
            "VALUES ('m', 'champion', $1, DATE '2024-05-31')",
            [reference.version],
        )
    return made


def cells(plan: Plan) -> list[tuple[str, ...]]:
    return [row for table in plan.tables for row in table.rows]


def changed(folder: Path, file: str, old: str, new: str) -> ReferenceSet:
    write_reference(folder)
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new))
    return load_reference(folder)


def test_nothing_differs(bank: Bank, tmp_path: Path) -> None:
    plan = read_plan(bank.settings, changed(tmp_path / "r", "classes.csv", "Food", "Groceries"))
    assert plan.nothing_differs
    assert plan.headline == f"nothing differs: the warehouse holds tiny {bank.reference.version[:12]}"
    assert plan.tables == []


def test_each_change_counts_its_rows_and_all_together_count_none_twice(bank: Bank, tmp_path: Path) -> None:
    codes = CODES | {"FOOD": ("travel", "spend"), "NEW": ("food", "spend")}
    del codes["MISC"]
    plan = read_plan(bank.settings, write_reference(tmp_path / "r", codes))
    assert cells(plan) == [
        ("FOOD", "moved", "spend: food", "spend: travel", "2", "2", "3"),
        ("MISC", "dropped", "other", "-", "0", "0", "0"),
        ("NEW", "added", "-", "spend: food", "1", "1", "1"),
    ]
    assert "affects 3 customers in 3 months (4 rows)" in plan.headline
    assert [table.title for table in plan.tables] == ["3 codes differ"]


def test_a_coefficient_touches_the_rows_of_its_class(bank: Bank, tmp_path: Path) -> None:
    plan = read_plan(bank.settings, changed(tmp_path / "r", "coefficients.csv", "travel,0.5,", "travel,0.75,"))
    assert cells(plan) == [("travel, openness", "changed", "0.5", "0.75", "1", "1", "1")]
    assert "affects 1 customers in 1 months (1 rows)" in plan.headline


def test_another_set_of_the_same_content_differs_by_its_name(bank: Bank, tmp_path: Path) -> None:
    plan = read_plan(bank.settings, write_reference(tmp_path / "r", name="other"))
    assert not plan.nothing_differs
    assert "on disk is other" in plan.headline


def test_a_warehouse_without_a_set_says_so(lake: Settings, bank: Bank) -> None:
    with pytest.raises(MicrosegError, match="holds no reference set yet"):
        read_plan(lake, bank.reference)


def told(status: Status) -> dict[str, tuple[tuple[str, str], ...]]:
    return {found.check.name: found.rows for found in status.findings if "reference" in found.check.name}


def test_status_is_silent_about_the_set_that_the_champion_knows(bank: Bank, tmp_path: Path) -> None:
    same = changed(tmp_path / "r", "source.toml", "Test bank", "A bank")
    assert same.version == bank.reference.version
    assert told(read_status(bank.settings.model_copy(update={"reference": str(tmp_path / "r")}))) == {}
    assert told(read_status(bank.settings)) == {}  # where none is configured, the default is not compared


def test_status_names_a_set_that_waits(bank: Bank, tmp_path: Path) -> None:
    newer = changed(tmp_path / "r", "coefficients.csv", "travel,0.5,", "travel,0.75,")
    status = read_status(bank.settings.model_copy(update={"reference": str(tmp_path / "r")}))
    assert told(status) == {
        "waiting_reference": ((f"tiny {newer.version[:12]}", "1 coefficient differs"),),
    }
    assert not [found for found in status.findings if found.check.name == "waiting_reference" and found.check.broken]


def test_status_goes_on_beside_a_broken_set_and_names_file_and_line(bank: Bank, tmp_path: Path) -> None:
    write_reference(tmp_path / "r")
    with (tmp_path / "r" / "classes.csv").open("a") as file:
        file.write("7,pets,Pets,Home\n")
    status = read_status(bank.settings.model_copy(update={"reference": str(tmp_path / "r")}))
    assert "classes.csv:6: class_id '7' is not one of 0 to 4" in told(status)["broken_reference"][0][1]
    assert not status.healthy


def test_status_goes_on_when_the_folder_is_gone_or_of_another_bank(bank: Bank, tmp_path: Path) -> None:
    gone = read_status(bank.settings.model_copy(update={"reference": str(tmp_path / "gone")}))
    assert list(told(gone)) == ["broken_reference"]
    other = read_status(bank.settings.model_copy(update={"reference": "complete_journey"}))
    assert told(other) == {"other_reference": (("complete_journey", "the warehouse holds tiny"),)}


def test_where_none_is_configured_the_shipped_set_that_is_held_is_read(tmp_path: Path, migrated_home: Path) -> None:
    assert read_configured(Settings(home=tmp_path)).name == "bank"
    held = new_bank(tmp_path / "home", load_reference("complete_journey"), migrated=migrated_home).settings
    assert read_configured(held).name == "complete_journey"
    assert read_configured(held.model_copy(update={"reference": "bank"})).name == "bank"
