"""The version of our own code moves with formulas and queries, and with nothing else."""

import ast
from importlib.resources import files
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tasks.operation import code_version
from tasks.operation.code_version import DATE, GATES, SPENDING, python_content, sql_content

ROOT = Path(__file__).parents[3]


def test_comments_docstrings_and_layout_do_not_count() -> None:
    plain = "def f(x: int) -> int:\n    return x + 1\n"
    told = (
        '"""A module."""\n\n\ndef f(x: int) -> int:\n    """Add one."""\n    # because\n    return (x +\n        1)\n'
    )
    assert python_content(plain) == python_content(told)
    assert python_content(plain) != python_content(plain.replace("+ 1", "+ 2"))


def test_a_query_counts_but_its_header_does_not() -> None:
    assert sql_content("-- Grain: month.\nSELECT a,\n  b FROM t") == sql_content("SELECT a, b   FROM t -- all")
    assert sql_content("SELECT a FROM t") != sql_content("SELECT b FROM t")


@given(st.sampled_from(sorted((ROOT / "tasks").rglob("*.py"))))
def test_what_is_hashed_is_the_code_itself(path: Path) -> None:
    content = python_content(path.read_text(encoding="utf-8"))
    assert content == python_content(ast.unparse(ast.parse(path.read_text(encoding="utf-8"))))


def test_every_place_exists_and_holds_code() -> None:
    for place in {*DATE, *GATES, *SPENDING}:
        assert (ROOT / place).exists(), place
    versions = {code_version.code_version(place) for place in DATE}
    assert len(versions) == len(set(DATE))


def test_the_simulator_does_not_count() -> None:
    model = [name for name, _ in code_version._sources(files("model"), "model")]
    assert "model/trajectories.py" in model
    assert not [name for name in model if "simulation" in name]
