"""Repeated keys are found exactly, whatever their number, in however many parts."""

from collections import Counter
from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations import repeated
from expectations.repeated import count_repeated

KEYS = st.tuples(st.none() | st.integers(0, 3), st.sampled_from([None, "", "a", "b"]))


@pytest.fixture(scope="module")
def reader() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE batch (number INTEGER, name VARCHAR)")
        yield connection


def fill(reader: duckdb.DuckDBPyConnection, rows: list[tuple[int | None, str | None]]) -> None:
    reader.execute("DELETE FROM batch")
    if rows:
        reader.executemany("INSERT INTO batch VALUES (?, ?)", rows)


@given(rows=st.lists(KEYS, max_size=12), part_rows=st.integers(1, 12), confirmed=st.integers(1, 12))
@settings(deadline=None, max_examples=60)
def test_each_key_that_occurs_again_is_counted_once(
    reader: duckdb.DuckDBPyConnection, rows: list[tuple[int | None, str | None]], part_rows: int, confirmed: int
) -> None:
    fill(reader, rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repeated, "PART_ROWS", part_rows)
        patch.setattr(repeated, "CONFIRMED", confirmed)
        for columns, keys in ((("number", "name"), rows), (("name",), [name for _, name in rows])):
            expected = sum(times > 1 for times in Counter(keys).values())
            assert count_repeated(reader, columns) == expected


def test_keys_of_one_hash_are_not_taken_for_one_another(
    reader: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(reader, [(1, "a"), (2, "a"), (3, "b")])
    reader.execute("CREATE OR REPLACE MACRO hash(key) AS 7::UBIGINT")
    try:
        assert count_repeated(reader, ("number",)) == 0
        assert count_repeated(reader, ("name",)) == 1
    finally:
        reader.execute("DROP MACRO hash")
