"""The ledger for a person, files that are read once, and columns that are named."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from tasks.intake.arrival import await_sources
from tasks.intake.ingest import Ingested
from tasks.intake.ledger import loads_table
from tests.tasks.builders import Bank, row, write_csv
from warehouse.queries import query, query_names
from warehouse.settings import Settings
from warehouse.sources import local_files

pytestmark = pytest.mark.warehouse


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that are read for their fingerprints."""
    names: list[str] = []
    digest = local_files._digest

    def noted(settings: Settings, path: Path) -> str:
        names.append(path.name)
        return digest(settings, path)

    monkeypatch.setattr(local_files, "_digest", noted)
    return names


def test_a_file_is_read_once_and_not_at_all_while_it_looks_the_same(
    bank: Bank, tmp_path: Path, hashed: list[str]
) -> None:
    path = write_csv(tmp_path / "a.csv", [row(1)])
    await_sources(bank.settings, [str(path)], timedelta(), hashed.append)
    bank.ingest(path, tmp_path / "*.csv")
    assert hashed == ["a.csv"]
    before = bank.snapshots()
    assert bank.ingest(path).unchanged == 1
    assert (hashed, bank.snapshots()) == (["a.csv"], before)
    path.touch()  # looks new, and is not; written a moment ago, it is not yet trusted by its looks
    assert bank.ingest(path).unchanged == 1
    assert bank.ingest(path).unchanged == 1
    assert len(hashed) == 3
    write_csv(path, [row(2)])  # of the same size
    assert bank.ingest(path).accepted == 1
    assert [each[0] for each in bank.transactions()] == ["t2"]


def test_a_file_that_is_named_twice_is_one_source(bank: Bank, tmp_path: Path, hashed: list[str]) -> None:
    path = write_csv(tmp_path / "in" / "a.csv", [row(1)])
    (tmp_path / "in" / "link.csv").symlink_to(path)
    (tmp_path / "other").symlink_to(tmp_path / "in")
    patterns: list[Path | str] = [
        tmp_path / "in" / "*.csv",
        tmp_path / "other" / "a.csv",
        f"{tmp_path}/in/../in/a.csv",
        path,
    ]
    assert bank.ingest(*patterns) == Ingested(sources=1, read=1, accepted=1)
    assert hashed == ["a.csv"]
    assert bank.query("SELECT source FROM raw.loads") == [(str(path.resolve()),)]


def test_the_ledger_is_shown_newest_first(bank: Bank, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [row(1), row(2, booked_at="2024-01-01"), row(2, booked_at="2024-01-01")])
    bank.ingest(path)
    bank.ingest(write_csv(tmp_path / "b.csv", [row(3), row(4, amount="?")]))
    table = loads_table(bank.settings)
    assert [each[1:8] for each in table.rows] == [
        ("b.csv", "pending", "2", "1", "1", "0", "2024-03"),
        ("a.csv", "pending", "3", "2", "0", "1", "2024-01 to 2024-03"),
    ]
    write_csv(path, [row(1)])
    bank.ingest(path)
    assert [each[1:3] for each in loads_table(bank.settings).rows] == [("a.csv", "pending"), ("b.csv", "pending")]
    everything = loads_table(bank.settings, everything=True)
    assert [each[1:3] for each in everything.rows][-1] == ("a.csv", "replaced")
    assert len(everything.rows) == 3


@pytest.mark.parametrize("name", [name for name in query_names("raw") if "INSERT INTO" in query(name)])
def test_columns_are_inserted_by_name(name: str) -> None:
    assert re.search(r"INSERT INTO [a-z._]+ (BY NAME|\()", query(name))


def test_no_module_inserts_by_order() -> None:
    folder = Path(local_files.__file__).parents[2] / "tasks" / "intake"
    texts = [text for path in folder.glob("*.py") for text in re.findall(r"INSERT INTO.*", path.read_text())]
    assert texts
    assert [text for text in texts if not re.match(r"INSERT INTO [a-z._{}]+ (BY NAME|\()", text)] == []
