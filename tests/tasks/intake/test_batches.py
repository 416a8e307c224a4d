"""Small sources share a transaction and a staging, and all that is told of each is as if it had come alone."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.intake import batches as bounds
from tasks.intake import staged
from tasks.intake.batches import MOST_BYTES, batches
from tasks.intake.ingest import Ingested, ingest_sources
from tests.tasks.builders import Bank, copy_bank, csv_text, row, write_csv, write_parquet
from tests.tasks.intake.test_ingest_properties import source_rows
from warehouse.connection import connect
from warehouse.engines import close_idle
from warehouse.errors import SourceError
from warehouse.sources import staging, together
from warehouse.sources.source import Source

pytestmark = pytest.mark.warehouse
# A held source is judged when those of its batch are in that passed: of ids that it shares with them, it may lose
# others than in its turn. Whether it is held does not hang on them, nor what it leaves.
CONFLICT = (
    "reason = 'duplicate_id_with_other_content' AND load_id IN (SELECT load_id FROM raw.loads WHERE status = 'held')"
)
UNTIMED = {
    "lines": "SELECT load_id, source, fingerprint, rows_read, months_touched, status, feed FROM raw.loads",
    "counts": "SELECT load_id, rows_accepted, rows_rejected, rows_duplicate, rows_unclassified FROM raw.loads "
    "WHERE status != 'held'",
    "rejected": f"SELECT * EXCLUDE (rejected_at, dismissed_at) FROM raw.rejected WHERE NOT ({CONFLICT})",
    "customers": "FROM raw.customers",
    "transactions": "FROM raw.transactions",
    "duplicates": "FROM raw.duplicates",
    "stale months": "FROM raw.stale_months",
}


def tables(bank: Bank) -> dict[str, list[tuple[Any, ...]]]:
    """Return all that a load writes, down to keys and row numbers, but for the times."""
    with connect(bank.settings, read_only=True) as connection:
        return {
            name: connection.execute(f"FROM ({select}) ORDER BY ALL").fetchall() for name, select in UNTIMED.items()
        }


def strict(bank: Bank, rate: float) -> Bank:
    return replace(bank, settings=bank.settings.model_copy(update={"max_reject_rate": rate}))


def one_by_one(bank: Bank, *patterns: Path) -> Ingested:
    """Ingest with a transaction for each source."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bounds, "MOST_SOURCES", 1)
        return bank.ingest(*patterns)


files_of_rows = st.lists(st.lists(source_rows, max_size=4), min_size=2, max_size=6)


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(before=st.lists(source_rows, max_size=6), files=files_of_rows, limit=st.sampled_from([0.0, 0.3, 0.6, 1.0]))
def test_a_batch_writes_what_its_sources_would_one_after_the_other(
    template: Bank, before: list[dict[str, object]], files: list[list[dict[str, object]]], limit: float
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        found = []
        write_csv(folder / "before.csv", before)
        paths = [write_csv(folder / f"{number}.csv", rows) for number, rows in enumerate(files)]
        for load in (Bank.ingest, one_by_one):
            bank = strict(copy_bank(template, folder / load.__name__), limit)
            bank.ingest(folder / "before.csv")
            done = load(bank, *paths)
            found.append(((done.sources, done.read, done.held), tables(bank)))
        assert found[0] == found[1]


class Recorder:
    """Stands before a connection and notes the statements that ask the lake."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, statements: list[str]) -> None:
        self._connection, self._statements, self._beside = connection, statements, False

    def execute(self, sql: str, *arguments: Any) -> Any:
        if "beside" in sql:
            self._beside = sql.startswith("ATTACH")
        elif not self._beside:
            self._statements.append(sql)
        return self._connection.execute(sql, *arguments)

    def cursor(self) -> "Recorder":
        return Recorder(self._connection.cursor(), self._statements)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked of the lake since the test began."""
    asked: list[str] = []
    opened = duckdb.connect
    close_idle()
    monkeypatch.setattr(duckdb, "connect", lambda *given, **named: Recorder(opened(*given, **named), asked))
    return asked


def test_the_lake_is_asked_once_a_batch_however_many_files_there_are(
    template: Bank, tmp_path: Path, statements: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "MOST_SOURCES", 8)
    asked = {}
    for count in (2, 8, 16):
        bank = copy_bank(template, tmp_path / str(count))
        rows = [row(number, customer_id=f"c{number}") for number in range(count)]
        paths = [write_csv(tmp_path / f"{count}" / f"{n}.csv", [rows[n], row("x")]) for n in range(count)]
        statements.clear()
        assert bank.ingest(*paths).read == 2 * count
        asked[count] = (len(statements), statements.count("BEGIN"))
    assert asked[2] == asked[8]
    once, both = asked[8][0], asked[16][0]
    assert both <= 2 * once
    assert asked[16][1] == asked[8][1] + 1


def test_of_equal_claims_and_new_customers_the_first_source_comes_first(bank: Bank, tmp_path: Path) -> None:
    names = "hgfedcba"
    paths = [
        write_csv(tmp_path / f"{number}.csv", [row("same"), row(number, customer_id=name)])
        for number, name in enumerate(names)
    ]
    bank.ingest(*paths)
    holder = "SELECT parse_filename(source) FROM raw.transactions JOIN raw.loads USING (load_id) WHERE {}"
    assert bank.query(holder.format("transaction_id = 'tsame'")) == [("0.csv",)]
    known = bank.query("SELECT customer_id FROM raw.customers ORDER BY customer_key")
    assert [name for (name,) in known] == ["anna", *names]


def test_a_load_touches_the_months_of_claims_that_were_there_before_it(bank: Bank, tmp_path: Path) -> None:
    days = ["2024-03-05", "2024-01-05", "2024-02-05"]
    paths = [write_csv(tmp_path / f"{number}.csv", [row(1, booked_at=day)]) for number, day in enumerate(days)]
    bank.ingest(*paths)
    found = bank.query("SELECT list_transform(months_touched, m -> month(m)) FROM raw.loads ORDER BY source")
    assert found == [([3],), ([1, 3],), ([1, 2, 3],)]


def test_a_file_that_cannot_be_read_harms_no_other(bank: Bank, tmp_path: Path) -> None:
    good = [write_csv(tmp_path / f"{number}.csv", [row(number)]) for number in (1, 3, 5)]
    open_quote = csv_text([row("x")]) + '"t9,anna\nt10,anna,2024-03-05,1,EUR,FOOD\n'
    bad = [tmp_path / "2.csv", tmp_path / "4.csv"]
    for path in bad:
        path.write_text(open_quote)
    with pytest.raises(SourceError) as caught:
        bank.ingest(tmp_path / "*.csv")
    told = "a quote near row 2 is never closed, so the rows after it cannot be separated"
    for path in bad:
        assert f"{path}: {told}" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert [each[0] for each in bank.transactions()] == ["t1", "t3", "t5"]
    assert bank.query("SELECT source FROM raw.loads ORDER BY 1") == [(str(path),) for path in good]
    for path in bad:
        write_csv(path, [row(path.stem)])
    assert bank.ingest(tmp_path / "*.csv").accepted == 2


def test_the_gate_judges_each_file_of_a_batch(bank: Bank, tmp_path: Path) -> None:
    bank = strict(bank, 0.1)
    write_csv(tmp_path / "a.csv", [row(1), row(2)])
    write_csv(tmp_path / "b.csv", [row(3, amount="?"), row(4, customer_id="bert")])
    write_csv(tmp_path / "c.csv", [row(5, customer_id="carl")])
    write_csv(tmp_path / "d.csv", [row(6, booked_at="5.3.24"), row(7, amount="!")])
    write_csv(tmp_path / "e.csv", [row(1, amount="99"), row(8)])  # loses t1 to a.csv, and half of its rows with it
    write_csv(tmp_path / "f.csv", [row(9)])
    done = bank.ingest(tmp_path / "*.csv")
    assert (done.sources, done.accepted, done.held) == (6, 4, 3)
    assert bank.query(
        "SELECT parse_filename(source), status, rows_read, rows_accepted, rows_rejected, months_touched = [] "
        "FROM raw.loads ORDER BY 1"
    ) == [
        ("a.csv", "pending", 2, 2, 0, False),
        ("b.csv", "held", 2, 1, 1, True),
        ("c.csv", "pending", 1, 1, 0, False),
        ("d.csv", "held", 2, 0, 2, True),
        ("e.csv", "held", 2, 1, 1, True),
        ("f.csv", "pending", 1, 1, 0, False),
    ]
    reasons = dict(bank.query("SELECT parse_filename(source), reason FROM raw.loads WHERE status = 'held'"))
    assert "1 of 2 rows (50.0%) were rejected" in reasons["b.csv"]
    assert f"1 x unparsable_date (column booked_at, first: {tmp_path / 'd.csv'} row 1" in reasons["d.csv"]
    assert "duplicate_id_with_other_content" in reasons["e.csv"]
    assert bank.query("SELECT customer_id FROM raw.customers ORDER BY 1") == [("anna",), ("carl",)]
    assert bank.query(
        "SELECT parse_filename(source), row_number FROM raw.rejected JOIN raw.loads USING (load_id) ORDER BY ALL"
    ) == [("b.csv", 1), ("d.csv", 1), ("d.csv", 2), ("e.csv", 1)]


def test_a_file_that_changes_while_its_batch_is_read(
    bank: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [write_csv(tmp_path / f"{number}.csv", [row(number), row(f"{number}b", amount="?")]) for number in range(3)]
    stage, turns = staging.stage, list[str]()

    def growing(*arguments: Any) -> Any:
        done = stage(*arguments)
        turns.append(Path(arguments[1].name).name)
        if turns == ["0.csv", "1.csv"]:
            write_csv(paths[1], [row(1), row("1c")])
        return done

    monkeypatch.setattr(staged, "stage", growing)
    assert bank.ingest(*paths).accepted == 4
    assert turns == ["0.csv", "1.csv", "1.csv", "2.csv"]
    assert [each[0] for each in bank.transactions()] == ["t0", "t1", "t1c", "t2"]
    assert [number for number, *_ in bank.rejected()] == [2, 2]


@pytest.fixture
def parquet_files(tmp_path: Path) -> list[Path]:
    """Small Parquet files with a fault in each; the fourth has its columns in another order, the last one more."""
    paths = []
    for number, columns in enumerate(["*", "*", "*", "amount, * EXCLUDE amount", "*, 'x' AS file_index"]):
        rows = [row(f"{number}-{n}", customer_id=f"c{n}") for n in range(4)] + [row(f"{number}-x", amount="ten")]
        csv = write_csv(tmp_path / "csv" / f"{number}.csv", rows)
        select = f"SELECT {columns} FROM read_csv('{csv}', all_varchar = true)"
        paths.append(write_parquet(tmp_path / f"{number}.parquet", select))
    return paths


def test_parquet_files_read_together_are_as_if_read_one_by_one(
    template: Bank, tmp_path: Path, parquet_files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    read, turns = together.stage_together, list[list[int] | None]()

    def noted(*arguments: Any) -> Any:
        rows = read(*arguments)
        turns.append([each.read for each in rows] if rows else None)
        return rows

    monkeypatch.setattr(staged, "stage_together", noted)
    banks = [copy_bank(template, tmp_path / name) for name in ("alike", "mixed", "single")]
    assert banks[0].ingest(*parquet_files[:3]).read == 15
    banks[0].ingest(*parquet_files[3:])
    banks[1].ingest(*parquet_files)
    one_by_one(banks[2], *parquet_files)
    assert turns == [[5, 5, 5], None, None]
    found = [tables(bank) for bank in banks]
    assert found[0] == found[1] == found[2]
    assert len(found[0]["rejected"]) == 5


@pytest.mark.parametrize("before", [True, False])
def test_a_parquet_file_that_is_written_while_its_batch_is_read_harms_no_other(
    bank: Bank, parquet_files: list[Path], monkeypatch: pytest.MonkeyPatch, before: bool
) -> None:
    read, whole = together.stage_together, parquet_files[1].read_bytes()

    def disturbed(*arguments: Any) -> Any:
        if before:
            parquet_files[1].write_bytes(whole[:-100])
        try:
            return read(*arguments)
        finally:
            parquet_files[1].write_bytes(whole)

    monkeypatch.setattr(staged, "stage_together", disturbed)
    done = bank.ingest(*parquet_files[:3])
    assert (done.read, done.accepted, done.rejected) == (15, 12, 3)
    assert len(bank.rejected()) == 3


def test_two_runs_at_once_load_each_file_of_a_batch_once(bank: Bank, tmp_path: Path) -> None:
    paths = [write_csv(tmp_path / f"{number}.csv", [row(number), row(number + 1)]) for number in range(6)]
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda mine: bank.ingest(*mine), (paths[:4], paths[2:])))
    assert sum(each.sources - each.unchanged for each in done) == 6
    assert bank.query("SELECT count(*), count(DISTINCT transaction_id) FROM raw.transactions") == [(7, 7)]
    assert bank.query("SELECT count(*), count(DISTINCT load_id), sum(rows_accepted) FROM raw.loads") == [(6, 6, 7)]


def test_progress_tells_how_many_sources_are_done(bank: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MOST_SOURCES", 2)
    paths = [write_csv(tmp_path / f"{number}.csv", [row(number)]) for number in range(5)]
    told: list[tuple[int, int]] = []
    ingest_sources(bank.context(), [str(path) for path in paths], lambda done, total, *_: told.append((done, total)))
    assert told == [(0, 5), (2, 5), (4, 5), (5, 5)]


def sized(sizes: Sequence[int]) -> list[Source]:
    return [Source(f"{number}.csv", "", "csv", "", size=size) for number, size in enumerate(sizes)]


@given(sizes=st.lists(st.integers(0, 2 * MOST_BYTES), max_size=30))
def test_batches_are_bounded_and_leave_nothing_out(sizes: list[int]) -> None:
    sources = sized(sizes)
    cut = list(batches(sources))
    assert [source for batch in cut for source in batch] == sources
    assert all(len(batch) == 1 or sum(source.size for source in batch) <= MOST_BYTES for batch in cut)
    together = [sum(source.size for source in [*first, second[0]]) for first, second in pairwise(cut)]
    assert all(size > MOST_BYTES for size in together)


def test_packed_files_weigh_what_they_may_unpack_to_and_a_query_stays_alone() -> None:
    half = MOST_BYTES // 2
    sources = sized([half] * 5)
    sources[2] = replace(sources[2], name="c.csv.gz")
    sources[3] = replace(sources[3], name="d.parquet", kind="parquet")
    assert [len(batch) for batch in batches(sources)] == [2, 1, 1, 1]
    asked = [replace(source, kind="postgres") for source in sized([0, 0])]
    assert [len(batch) for batch in batches([*asked, *sized([0] * (bounds.MOST_SOURCES + 1))])] == [1, 1, 250, 1]
