"""A warehouse that an earlier version made is migrated by the next night, and nothing that it published is lost."""

import tarfile
from datetime import date
from pathlib import Path

import pytest

from flows.backfill import backfill
from flows.cli import main
from flows.nightly import nightly
from tests.flows.banks import Bank
from warehouse.connection import connect
from warehouse.settings import Settings

pytestmark = [pytest.mark.flow, pytest.mark.timeout(600)]
# Made by the version with schema 3: 130 customers of four classes, one year, one released date.
ARCHIVE = Path(__file__).parents[1] / "warehouse" / "earlier" / "warehouse.tar.gz"
AS_OF = date(2025, 12, 31)
SEGMENTS = "SELECT customer_key, segment_1, round(margin, 9) FROM segments.by_date ORDER BY ALL"


@pytest.fixture
def earlier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prefect_server: None) -> Bank:
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(tmp_path, filter="data")
    (tmp_path / "source" / "2025.csv").touch()
    bank = Bank(tmp_path, tmp_path)
    bank.enter(monkeypatch)
    monkeypatch.setenv("MICROSEG_SOURCE", str(tmp_path / "source" / "*.csv"))
    return bank


def test_the_next_night_migrates_it(earlier: Bank, capsys: pytest.CaptureFixture[str]) -> None:
    with connect(Settings(), read_only=True) as connection:
        before = connection.execute("SELECT count(*), max(model_version) FROM segments.by_date").fetchone()
    assert main(["status"]) == 1
    assert "of an older version: run `microseg run` once" in capsys.readouterr().err
    nightly(AS_OF)
    assert earlier.rows("SELECT count(*), max(model_version) FROM segments.by_date") == [before]
    assert earlier.value("SELECT count(*) FROM segments.releases WHERE announced_at IS NOT NULL") == 1
    assert [window.current for window in backfill(AS_OF, AS_OF)] == [True]
    assert (earlier.root / "home" / "latest" / "segments.parquet").is_file()
    assert not (earlier.root / "home" / "exports" / "latest").exists()
    again = earlier.checksums()
    nightly(AS_OF)
    assert earlier.checksums() == again
