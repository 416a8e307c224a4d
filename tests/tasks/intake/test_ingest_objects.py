"""Sources and tables in an object store, with a store of its own beside the test."""

import gzip
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.object_store import SECRET, client_of, object_store, settings_of
from tests.tasks.builders import Bank, copy_bank, csv_text, new_bank, row, write_parquet
from warehouse.errors import SourceError
from warehouse.settings import Settings
from warehouse.sources import objects

pytestmark = pytest.mark.warehouse
ROWS = [row(n, booked_at=f"2024-0{1 + n % 6}-15", customer_id=f"c{n % 4}") for n in range(40)]


@pytest.fixture(scope="module")
def place() -> Iterator[str]:
    with object_store() as running:
        yield running


@pytest.fixture
def store(place: str) -> Iterator[Any]:
    client = client_of(place)
    client.create_bucket(Bucket="bank")
    yield client
    for held in client.list_objects_v2(Bucket="bank").get("Contents", []):
        client.delete_object(Bucket="bank", Key=held["Key"])


@pytest.fixture
def bank(template: Bank, tmp_path: Path, place: str, store: object) -> Bank:
    """Sources in the store, tables beside the catalog."""
    copied = copy_bank(template, tmp_path / "home")
    return replace(copied, settings=Settings.model_validate(copied.settings.model_dump() | settings_of(place)))


@pytest.fixture(params=["", "s3://bank/lake/"], ids=["local tables", "tables in the store"])
def wherever(request: pytest.FixtureRequest, bank: Bank, tmp_path: Path, place: str) -> Bank:
    """The tables in the store, too: to the reading of a source it is all the same where they lie."""
    if not request.param:
        return bank
    return new_bank(tmp_path / "away", bank.reference, data_path=request.param, **settings_of(place))


def test_objects_load_like_files(wherever: Bank, template: Bank, store: Any, tmp_path: Path) -> None:
    local = tmp_path / "all.csv"
    local.write_text(csv_text(ROWS), encoding="utf-8")
    third = write_parquet(tmp_path / "c.parquet", f"SELECT * FROM read_csv('{local}', all_varchar = true) OFFSET 20")
    put(store, "a.csv", csv_text(ROWS[:10]).encode())
    put(store, "b.csv.gz", gzip.compress(csv_text(ROWS[10:20]).encode()))
    put(store, "c.parquet", third.read_bytes())
    put(store, "README.txt", b"not data")
    assert wherever.ingest("s3://bank/in/*").accepted == 40
    wherever.aggregate()
    found = wherever.transactions(), wherever.monthly(), wherever.periods()
    beside = copy_bank(template, tmp_path / "beside")
    beside.ingest(local)
    beside.aggregate()
    assert found == (beside.transactions(), beside.monthly(), beside.periods())


def test_the_same_objects_are_loaded_once_and_a_changed_one_is_replaced(wherever: Bank, store: Any) -> None:
    put(store, "a.csv", csv_text(ROWS[:10]).encode())
    put(store, "b.csv", csv_text(ROWS[10:]).encode())
    wherever.ingest("s3://bank/in/*.csv")
    assert wherever.ingest("s3://bank/in/*.csv").unchanged == 2
    put(store, "a.csv", csv_text(ROWS[:7]).encode())
    done = wherever.ingest("s3://bank/in/*.csv")
    assert (done.unchanged, done.accepted) == (1, 7)
    assert len(wherever.transactions()) == 37


def test_nothing_there_is_one_line(bank: Bank) -> None:
    with pytest.raises(SourceError, match=r"^no .csv, .csv.gz or .parquet object matches s3://bank/in/\*.csv$"):
        bank.ingest("s3://bank/in/*.csv")


def test_a_missing_bucket_is_one_line_without_the_secret(bank: Bank) -> None:
    with pytest.raises(SourceError, match=r"^s3://nobody/\*.csv cannot be listed: ") as caught:
        bank.ingest("s3://nobody/*.csv")
    assert SECRET not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_object_above_the_limit_is_refused(bank: Bank, store: Any) -> None:
    put(store, "a.csv", csv_text(ROWS).encode())
    bank = replace(bank, settings=bank.settings.model_copy(update={"max_file_bytes": 100}))
    with pytest.raises(SourceError, match=r"above MICROSEG_MAX_FILE_BYTES"):
        bank.ingest("s3://bank/in/a.csv")


@pytest.mark.parametrize("packed", [False, True])
def test_a_line_of_an_object_that_is_too_long_is_rejected_and_its_neighbours_are_kept(
    bank: Bank, store: Any, packed: bool
) -> None:
    before, after = csv_text(ROWS[:3]), csv_text(ROWS[3:5]).partition("\n")[2]
    content = f"{before}{'a' * (40 << 20)}\n{after}".encode()
    put(store, "a.csv.gz" if packed else "a.csv", gzip.compress(content) if packed else content)
    done = replace(bank, settings=bank.settings.model_copy(update={"max_expansion": 2_000})).ingest("s3://bank/in/*")
    assert (done.read, done.accepted, done.rejected) == (6, 5, 1)
    assert bank.rejected() == [(4, "line_too_long", None)]
    assert list((bank.settings.home / "tmp").rglob("rewritten-*")) == []


def test_an_open_quote_in_an_object_is_told(bank: Bank, store: Any) -> None:
    after = "".join(f"u{number},bert,2024-03-05,1.00,EUR,FOOD\n" for number in range(90_000))
    put(store, "a.csv", f'{csv_text(ROWS[:1])}"t2,anna,2024-03-05,1,EUR,FOOD\n{after}'.encode())
    with pytest.raises(SourceError, match=r"^s3://bank/in/a.csv: a quote near row 2 is never closed"):
        bank.ingest("s3://bank/in/*")


def test_a_packed_object_that_is_a_bomb_is_refused(bank: Bank, store: Any) -> None:
    put(store, "a.csv.gz", gzip.compress(csv_text(ROWS).encode() + b"\n" * 50_000_000))
    with pytest.raises(SourceError, match=r"^s3://bank/in/a.csv.gz unpacks to more than .* compression bomb$"):
        bank.ingest("s3://bank/in/*")


@pytest.mark.parametrize("rows", [7, 13])
def test_an_object_that_is_another_by_the_time_it_is_read(
    bank: Bank, store: Any, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    put(store, "a.csv", csv_text(ROWS[:10]).encode())
    opened = objects._store

    def replaced(settings: Settings) -> object:
        put(store, "a.csv", csv_text(ROWS[:rows]).encode())
        return opened(settings)

    monkeypatch.setattr(objects, "_store", replaced)
    with pytest.raises(SourceError, match=r"^s3://bank/in/a.csv changed while it was read"):
        bank.ingest("s3://bank/in/a.csv")
    assert bank.transactions() == []


def put(store: Any, name: str, content: bytes) -> None:
    store.put_object(Bucket="bank", Key=f"in/{name}", Body=content)
