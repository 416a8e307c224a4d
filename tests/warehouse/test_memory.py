"""The process keeps to its limit: DuckDB gets what is left of it."""

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

import warehouse.memory
from warehouse.connection import connect
from warehouse.memory import ARRAYS, LEAST, left_for_engine, size_of
from warehouse.settings import Settings

MIB = 1024**2


@given(limit=st.integers(1, 64 * 1024), held=st.integers(0, 64 * 1024))
def test_what_is_left_and_what_is_held_make_the_limit(limit: int, held: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(warehouse.memory, "resident_bytes", lambda: held * MIB)
        left = size_of(left_for_engine(f"{limit}MiB"))
    assert left + held * MIB + ARRAYS == limit * MIB or left == min(limit * MIB, LEAST)
    assert min(limit * MIB, LEAST) <= left <= limit * MIB


@pytest.mark.parametrize("text", ["1500MB", "1.5 GiB", "1tb", "200 kib"])
def test_sizes_are_those_of_duckdb(text: str) -> None:
    with (
        duckdb.connect(config={"memory_limit": text}) as asked,
        duckdb.connect(config={"memory_limit": f"{size_of(text) // 1024}KiB"}) as ours,
    ):
        assert len({c.execute("SELECT current_setting('memory_limit')").fetchall()[0] for c in (asked, ours)}) == 1


def test_an_engine_is_opened_with_what_is_left(lake: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warehouse.memory, "resident_bytes", lambda: 768 * MIB)
    with connect(lake.model_copy(update={"memory_limit": "2GiB"})) as connection:
        assert connection.execute("SELECT current_setting('memory_limit')").fetchall() == [("1.0 GiB",)]
