"""Every query is a file that DuckDB can parse, and text that reaches it as a literal stays text."""

import re
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.queries import identifier, query, query_names, quoted

SQL = Path(__file__).parents[2] / "sql"
NAMES = sorted(str(file.relative_to(SQL).with_suffix("")) for file in SQL.rglob("*.sql"))
# What an environment, a path and a column of a source can hold; DuckDB itself refuses NUL in statements.
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@pytest.fixture(scope="module")
def engine() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


@given(text=TEXT | st.sampled_from(["'; DROP TABLE raw.loads; --", "\\'", "''", "$name", "{}"]))
def test_quoted_text_stays_text(engine: duckdb.DuckDBPyConnection, text: str) -> None:
    assert engine.execute(f"SELECT {quoted(text)}").fetchall() == [(text,)]


@given(name=TEXT.filter(bool))
def test_identifier_stays_a_name(engine: duckdb.DuckDBPyConnection, name: str) -> None:
    (column, *_), *others = engine.execute(f"SELECT 1 AS {identifier(name)}").description
    assert (column, others) == (name, [])


@pytest.mark.parametrize("name", NAMES)
def test_every_file_is_loaded_by_its_name_and_parses(engine: duckdb.DuckDBPyConnection, name: str) -> None:
    text = query(name)
    assert text == (SQL / f"{name}.sql").read_text(encoding="utf-8")
    if name.startswith("quality/"):
        text = f"SELECT CASE\n{text}\nEND"
    if "{" not in text:  # the others are parts, or have parts
        assert engine.extract_statements(text)


@pytest.mark.parametrize("name", query_names("quality"))
def test_a_rule_is_told_by_the_name_of_its_file(name: str) -> None:
    told = set(re.findall(r"THEN '(\w+):", query(name)))
    assert told == {name.partition("_")[2]}


def test_names_are_those_of_one_folder_in_order() -> None:
    found = [name for folder in SQL.iterdir() if folder.is_dir() for name in query_names(folder.name)]
    assert sorted(found) == NAMES
    assert query_names("schema") == sorted(query_names("schema"))
    assert all(name.startswith("quality/") for name in query_names("quality"))


def test_absent_query_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"spend/no_such\.sql"):
        query("spend/no_such")
