"""Parquet files that say of themselves what they are not, and values that no bank writes."""

from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.tasks.builders import Bank, row, write_csv, write_parquet, write_reference
from warehouse.errors import SourceError

pytestmark = pytest.mark.warehouse
SELECT = (
    "SELECT {id} AS transaction_id, 'anna' AS customer_id, '2024-03-05' AS booked_at, 10 AS amount, "
    "'EUR' AS currency, 'FOOD' AS source_code"
)


def refused(bank: Bank, path: Path) -> str:
    with pytest.raises(SourceError) as caught:
        bank.ingest(path)
    told = str(caught.value)
    assert told.startswith(str(path))
    assert "\n" not in told
    assert bank.transactions() == []
    return told


def write_runs(path: Path, rows: int, text: str = "x") -> Path:
    """A file of a few bytes in which every column says one thing, over and over."""
    columns = {name: pa.array([str(value)]).dictionary_encode() for name, value in row(1).items()}
    columns["customer_id"] = pa.array([text]).dictionary_encode()
    repeated = {
        name: pa.DictionaryArray.from_arrays(pa.array([0], pa.int32()).take(pa.array([0] * rows)), value.dictionary)
        for name, value in columns.items()
    }
    pq.write_table(pa.table(repeated), path, compression="zstd")
    return path


def test_runs_that_stand_for_millions_of_rows_are_a_bomb(bank: Bank, tmp_path: Path) -> None:
    path = write_runs(tmp_path / "a.parquet", 3_000_000)
    assert path.stat().st_size < 100_000
    assert "3,000,000 rows in " in (told := refused(bank, path))
    assert told.endswith("refused as a compression bomb; if it is none, raise MICROSEG_MAX_EXPANSION")


def test_a_text_of_many_megabytes_is_a_bomb(bank: Bank, tmp_path: Path) -> None:
    path = write_runs(tmp_path / "a.parquet", 10, "a" * (64 << 20))
    assert path.stat().st_size < 100_000
    assert refused(bank, path).endswith("refused as a compression bomb; if it is none, raise MICROSEG_MAX_EXPANSION")


def test_a_small_file_of_many_rows_is_none(bank: Bank, tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "a.parquet", SELECT.format(id="range") + " FROM range(20_000)")
    assert bank.ingest(path).accepted == 20_000


def test_long_values_are_rejected_and_cut(bank: Bank, tmp_path: Path) -> None:
    long = "a" * 100_000
    rows = [row(1), row(2, transaction_id=long), row(3, customer_id=long), row(4, source_code=long)]
    rows += [row(5, customer_id="Å" * 1000), row(6, customer_id="b" * 1001), row(7, currency=long)]
    csv = write_csv(tmp_path / "a.csv", rows)
    path = write_parquet(tmp_path / "b.parquet", f"SELECT * FROM read_csv('{csv}', all_varchar = true)")
    done = bank.ingest(path)
    assert (done.read, done.accepted) == (7, 2)
    assert bank.rejected() == [
        (2, "value_too_long", "transaction_id"),
        (3, "value_too_long", "customer_id"),
        (4, "value_too_long", "source_code"),
        (6, "value_too_long", "customer_id"),
        (7, "wrong_currency", "currency"),
    ]
    assert bank.query("SELECT max(length(row_text::VARCHAR)) < 11_000 FROM raw.rejected") == [(True,)]
    assert bank.ingest(csv).rejected == 5


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("{'a': 1}", "STRUCT(a INTEGER)"),
        ("'t1'::BLOB", "BLOB"),
        ("['t1']", "VARCHAR[]"),
        ("MAP {'a': 1}", "MAP(VARCHAR, INTEGER)"),
    ],
)
def test_ids_that_are_no_plain_values(bank: Bank, tmp_path: Path, value: str, kind: str) -> None:
    path = write_parquet(tmp_path / "a.parquet", SELECT.format(id=value))
    assert f"column transaction_id (transaction_id) is of type {kind}: deliver it as text" in refused(bank, path)


def test_a_column_twice(bank: Bank, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    names = [*row(1), "amount"]
    pq.write_table(pa.Table.from_arrays([pa.array([str(row(1)[name])]) for name in names], names=names), path)
    assert "it has the column amount more than once" in refused(bank, path)


def test_our_own_names_as_columns(bank: Bank, tmp_path: Path) -> None:
    more = ", 1 AS microseg_row, 3 AS row_number"
    csv = tmp_path / "a.csv"
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({SELECT.format(id=1)}{more}) TO '{csv}'")
    path = write_parquet(tmp_path / "b.parquet", SELECT.format(id=2) + more)
    assert "it has a column microseg_row, a name that is ours" in refused(bank, path)
    assert bank.ingest(csv).accepted == 1


def test_many_columns(bank: Bank, tmp_path: Path) -> None:
    more = "".join(f", {number} AS c{number}" for number in range(1000))
    path = write_parquet(tmp_path / "a.parquet", SELECT.format(id=1) + more)
    assert "has 1,006 columns, more than 1,000" in refused(bank, path)


def test_offsets_beyond_any_place_on_earth_are_no_date(bank: Bank, tmp_path: Path) -> None:
    oslo = Bank(bank.settings.model_copy(update={"timezone": "Europe/Oslo"}), bank.reference)
    changed = oslo.under(write_reference(tmp_path / "r", formats=["%Y%m%dT%H%M%S%z"]))
    wrong = ["2024-03-05T10:00:00+99:00", "2024-03-05T10:00+14:30", "2024-03-05 10:00:00-15", "2024-03-05 10:00+05:99"]
    wrong += ["2024-03-05T10:00:00+05:30:30", "20240305T100000+9900", "20240305T100000+1500"]
    days = {
        "2024-03-05T23:30:00 UTC": date(2024, 3, 6),
        "2024-03-05T09:30:00+14:00": date(2024, 3, 4),
        "2024-03-05T23:30:00-0330": date(2024, 3, 6),
        "20240305T093000+1400": date(2024, 3, 4),
    }
    rows = [row(number, booked_at=text) for number, text in enumerate([*wrong, *days], start=1)]
    changed.ingest(write_csv(tmp_path / "a.csv", rows))
    assert bank.rejected() == [(number, "unparsable_date", "booked_at") for number in range(1, len(wrong) + 1)]
    booked = bank.query("SELECT booked_on FROM raw.transactions ORDER BY row_number")
    assert [day for (day,) in booked] == list(days.values())
