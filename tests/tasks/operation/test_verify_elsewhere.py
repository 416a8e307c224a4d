"""Verify and repair where the catalog is PostgreSQL."""

from pathlib import Path

import pytest

from tasks.operation.repair import repair
from tasks.operation.seal import seal
from tasks.operation.verify import read_report
from tests.support.damage import flip
from warehouse.connection import connect
from warehouse.migrations import migrate
from warehouse.settings import Settings
from warehouse.stored import address, live_files

pytestmark = [pytest.mark.warehouse, pytest.mark.postgres]
ROWS = "INSERT INTO segments.{} (customer_key, as_of) SELECT i, DATE '2025-10-31' FROM range(20) t(i)"


@pytest.fixture
def shared(tmp_path: Path, postgres_dsn: str) -> Settings:
    settings = Settings(home=tmp_path, catalog=f"postgres:{postgres_dsn}")
    with connect(settings) as connection:
        migrate(connection)
        for table in ("current", "by_date"):
            connection.execute(ROWS.format(table))
    return settings


def test_a_flipped_bit_is_found_and_taken_out(shared: Settings) -> None:
    assert seal(shared) == 2
    report = read_report(shared)
    assert (report.files, report.compared, report.problems) == (2, 2, ())
    with connect(shared, read_only=True) as connection:
        held = next(file for file in live_files(connection) if file.table == "segments.by_date")
    flip(Path(address(shared, held.path)), 3)
    assert [problem.file for problem in read_report(shared).problems] == [held]
    assert len(repair(shared).problems) == 1
    assert read_report(shared).problems == ()
    with connect(shared) as connection:
        assert connection.execute("SELECT count(*) FROM segments.by_date").fetchone() == (0,)
        connection.execute(ROWS.format("by_date"))
        assert connection.execute("SELECT count(*) FROM segments.by_date").fetchone() == (20,)
    assert seal(shared) == 1
