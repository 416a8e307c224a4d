"""Maintenance where the catalog is PostgreSQL, and where the data lie in an object store."""

import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from tasks.operation.maintain import measure
from tasks.operation.verify import read_report
from tests.support.object_store import client_of, object_store, settings_of
from tests.support.postgres import Cluster
from tests.tasks.operation.retained import files_known, files_on_disk, made_dates, maintain, night, rows, without_models
from warehouse.connection import connect
from warehouse.migrations import migrate
from warehouse.settings import Settings

pytestmark = pytest.mark.warehouse
DAYS = [*(date(2026, 1, 1) + timedelta(days=n) for n in range(6)), date(2026, 3, 1)]


@pytest.fixture
def store() -> Iterator[dict[str, object]]:
    with object_store() as address:
        client_of(address).create_bucket(Bucket="bank")
        yield {"data_path": "s3://bank/lake/", **settings_of(address)}


def maintained(settings: Settings) -> Settings:
    """Let the month go, twice; all that is published says the same afterwards."""
    settings = settings.model_copy(update={"keep_days": 2, "threads": 1})
    with connect(settings) as connection:
        migrate(connection)
    with without_models():
        for day in DAYS:
            night(settings, day)
    published = rows(settings, "FROM segments.by_date ORDER BY ALL")
    features = rows(settings, f"FROM features.angles WHERE as_of = '{DAYS[-1]}' ORDER BY ALL")
    done = maintain(settings)
    assert (done[0], done[1].parts > 0, done[2:]) == (6, True, (0, 0))
    assert maintain(settings)[0] == 0
    done = maintain(settings, 9)
    assert done[2] > 0
    maintain(settings, 20)
    assert made_dates(settings) == {DAYS[-1]}
    assert rows(settings, "FROM segments.by_date ORDER BY ALL") == published
    assert rows(settings, "FROM features.angles ORDER BY ALL") == features
    report = read_report(settings)
    assert (report.problems, report.compared) == ((), report.files)
    assert measure(settings)[3:] == (0, 0, 0)
    return settings


@pytest.mark.postgres
def test_catalog_in_postgres(settings: Settings, postgres_cluster: Cluster) -> None:
    done = maintained(settings.model_copy(update={"catalog": f"postgres:{postgres_cluster.create_database()}"}))
    assert files_on_disk(done) == files_known(done)


def test_data_in_an_object_store(tmp_path: Path, store: dict[str, object]) -> None:
    done = maintained(Settings.model_validate({"home": tmp_path / "home", **store}))
    listed = rows(done, "SELECT parse_filename(file) FROM glob('s3://bank/lake/**')")
    assert {name for (name,) in listed} == files_known(done)
    shutil.rmtree(tmp_path / "home")
