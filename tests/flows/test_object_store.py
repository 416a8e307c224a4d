"""A night whose tables lie in an object store: readers are fenced in to its prefix, and `verify` reads it."""

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from flows.cli import main
from tests.flows.performers import order, performers
from tests.flows.small_bank import small_bank
from tests.flows.steps import Step
from tests.support.object_store import KEY, REGION, SECRET, client_of, object_store
from warehouse.connection import connect
from warehouse.engines import close_idle
from warehouse.settings import Settings
from warehouse.stored import DataFile, live_files

pytestmark = [pytest.mark.warehouse, pytest.mark.timeout(600)]
NIGHT = Step("night", {"as_of": "2025-10-31", "bad": False, "lenient": True, "closed": ""})


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with object_store() as running:
        yield running


@pytest.fixture(scope="module")
def store(address: str) -> Any:
    """A client of the store, with the bank's bucket and one of somebody else."""
    client = client_of(address)
    for bucket in ("bank", "other"):
        client.create_bucket(Bucket=bucket)
    return client


@pytest.fixture(scope="module")
def night(address: str, store: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The settings of a warehouse in the store after its first night."""
    root = tmp_path_factory.mktemp("bank")
    environment = small_bank(root) | {
        "MICROSEG_HOME": str(root / "home"),
        "MICROSEG_DATA_PATH": "s3://bank/lake/",
        "MICROSEG_S3_ENDPOINT": address,
        "MICROSEG_S3_REGION": REGION,
        "MICROSEG_S3_KEY_ID": KEY,
        "MICROSEG_S3_SECRET": SECRET,
        "MICROSEG_S3_USE_SSL": "false",
    }
    with performers(environment) as started, pytest.MonkeyPatch.context() as patch:
        done, _ = started.perform(order(root / "home", [NIGHT]))
        assert done[0]["said"] == "ok"
        for name, value in environment.items():
            patch.setenv(name, value)
        yield Settings()
    close_idle()


def files(settings: Settings, table: str) -> list[DataFile]:
    with connect(settings, read_only=True) as connection:
        return [file for file in live_files(connection) if file.table == table]


def test_a_night_in_the_store_is_read_behind_the_fence_and_verified(
    night: Settings, store: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not (night.home / "data").exists()
    assert main(["query", "SELECT count(*) > 0 AS anybody FROM segments.current"]) == 0
    assert "true" in capsys.readouterr().out.lower()
    store.put_object(Bucket="other", Key="rows.csv", Body=b"a,b\n1,2\n")
    with connect(night, read_only=True) as connection:
        for text in ("FROM read_csv('s3://other/rows.csv')", "COPY (SELECT 1) TO 's3://other/stolen.csv'"):
            with pytest.raises(duckdb.PermissionException):
                connection.execute(text)
    close_idle()
    assert main(["verify"]) == 0
    assert "all as written" in capsys.readouterr().out


def test_what_is_damaged_in_the_store_is_named_and_taken_out(
    night: Settings, store: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    flipped, gone = files(night, "spend.monthly")[0], files(night, "traces.angles")[0]
    content = bytearray(store.get_object(Bucket="bank", Key=f"lake/{flipped.path}")["Body"].read())
    content[len(content) // 2] ^= 1
    store.put_object(Bucket="bank", Key=f"lake/{flipped.path}", Body=bytes(content))
    store.delete_object(Bucket="bank", Key=f"lake/{gone.path}")
    assert main(["verify", "--quick"]) == 1
    out = capsys.readouterr().out
    assert gone.path in out
    assert flipped.path not in out
    assert main(["verify"]) == 1
    out = capsys.readouterr().out
    assert "is missing" in out
    assert "has other content than was written" in out
    assert {path for path in (flipped.path, gone.path) if path not in out} == set()
    assert main(["verify", "--repair"]) == 0
    assert "microseg backfill 2025-10-31 2025-10-31" in capsys.readouterr().out
    assert main(["verify"]) == 0
