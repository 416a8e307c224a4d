"""Any bytes at all: one clear line, or every line of a file is a row or a reject.

A quarter of a minute of the whole suite; FUZZ_EXAMPLES=20000 makes it a long run.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tasks.intake.context import LoadContext
from tasks.intake.rules import rules_of
from tests.tasks.builders import HEADER, TODAY, row, write_reference
from tests.warehouse.reference.reference_folders import GOOD, write
from warehouse.errors import ReferenceSetError, SourceError
from warehouse.queries import query
from warehouse.reference.sets import ReferenceSet, load_reference
from warehouse.settings import Settings
from warehouse.sources.local_files import local_sources
from warehouse.sources.staging import stage

pytestmark = [pytest.mark.warehouse, pytest.mark.timeout(0)]
fuzzed = settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "250")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
Load = Callable[[bytes, str], int]
LINE = ",".join(str(value) for value in row(1).values()).encode()
ENDS = [b"\n", b"\r\n", b"\r"]
PIECES = [LINE, *ENDS, b",", b'"', b'""', b'"a\nb"', b"\x00", b"\xff", b" ", b"x", "Å".encode(), b"'", b"\\"]
NUMBERS = (
    "SELECT count(*), count(DISTINCT row_number) "
    "FROM (SELECT row_number FROM staged UNION ALL SELECT row_number FROM malformed)"
)
csv_bytes = st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=4)), max_size=30).map(b"".join)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as name:
        yield Path(name)


@pytest.fixture(scope="module")
def reference(folder: Path) -> ReferenceSet:
    return write_reference(folder / "reference")


@pytest.fixture(scope="module")
def load(folder: Path, reference: ReferenceSet) -> Iterator[Load]:
    """Stage a file of these bytes, as a load does up to its transaction; return how many rows and rejects it has."""
    with duckdb.connect(config={"threads": 1, "memory_limit": "500MB", "temp_directory": ""}) as connection:

        def loaded(content: bytes, name: str) -> int:
            (folder / name).write_bytes(content)
            context = LoadContext(Settings(home=folder / "home"), reference, "run", TODAY)
            [source] = local_sources(context.settings, str(folder / name))
            connection.execute(query("raw/create_staged"))
            rows = stage(connection, source, 0, reference.source, rules_of(context.terms), context.settings)
            count, different = connection.execute(NUMBERS).fetchone() or (0, 0)
            assert rows.read == count == different
            assert connection.execute("SELECT count(*) FROM malformed WHERE reason IS NULL").fetchone() == (0,)
            return int(count)

        yield loaded


def rows_of(load: Load, content: bytes, name: str) -> int | None:
    """Return the rows and rejects of a file; None where it was refused, in one line."""
    try:
        return load(content, name)
    except SourceError as error:
        told = str(error)
    assert told.isprintable()
    assert 10 < len(told) < 2000
    return None


@fuzzed
@given(body=csv_bytes)
@example(body=b"\n")
@example(body=LINE + b"\r" + LINE + b"\r\n" + LINE)
def test_csv(load: Load, body: bytes) -> None:
    text = HEADER.encode() + b"\n" + body
    lines = [line for line in text.replace(b"\r", b"\n").split(b"\n") if line][1:]
    rows = rows_of(load, text, "a.csv")
    if b'"' not in body:  # without a quote every line stands for itself
        assert rows == len(lines)
    assert rows is None or rows <= len(lines)


@fuzzed
@given(content=st.binary(max_size=200))
def test_csv_of_any_bytes(load: Load, content: bytes) -> None:
    for name in ("b.csv", "b.csv.gz", "b.parquet"):
        rows_of(load, content, name)


@pytest.fixture(scope="module")
def parquet(folder: Path) -> bytes:
    columns = {name: [str(value)] * 3 for name, value in row(1).items()} | {"transaction_id": ["t1", "t2", "t3"]}
    pq.write_table(pa.table(columns | {"amount": ["1", "2", "ten"]}), folder / "good.parquet", compression="none")
    return (folder / "good.parquet").read_bytes()


@fuzzed
@given(data=st.data())
def test_parquet_with_changed_bytes(load: Load, parquet: bytes, data: st.DataObject) -> None:
    content = bytearray(parquet)
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    rows_of(load, bytes(content), "c.parquet")


@fuzzed
@given(name=st.sampled_from(sorted(GOOD)), data=st.data())
def test_reference_files(folder: Path, name: str, data: st.DataObject) -> None:
    text = GOOD[name].encode()
    start = data.draw(st.integers(0, len(text)))
    end = min(len(text), start + data.draw(st.integers(0, 12)))
    pieces = st.sampled_from([b"\n", b"[", b"]", b'"', b"=", b",", b"9" * 50, b"nan", b"1e999", b"\xff", b"\x00", b"-"])
    place = write(folder / "set")
    (place / name).write_bytes(text[:start] + data.draw(st.one_of(pieces, st.binary(max_size=6))) + text[end:])
    try:
        told = load_reference(place).version
    except ReferenceSetError as error:
        told = str(error)
    assert told
    assert all(line.isprintable() for line in told.splitlines())
