"""Tables in a terminal: they keep within it, numbers are whole and on the right, and data is only ever text."""

import re
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from flows.tables import drawn
from flows.terminal import show
from tasks.operation.tables import Table, render_text

TABLE = Table(
    "Segments [bold]",
    ("segment", "customers", "spends more than others on"),
    (("N.E.O", "1,214", "Soft drinks, [red]Cigarettes[/red], :smile:, Frozen meat"), ("C", "31", "\x1b[31mFuel\n")),
)


def on(columns: int, table: Table, colours: bool = False) -> str:
    into = StringIO()
    Console(
        file=into, width=columns, force_terminal=True, no_color=not colours, emoji=False, markup=False, highlight=False
    ).print(drawn(table))
    return re.sub(r"\x1b\[[0-9;]*m", "", into.getvalue())


@pytest.mark.parametrize("columns", [40, 60, 200])
def test_it_keeps_within_the_terminal(columns: int) -> None:
    lines = on(columns, TABLE).splitlines()
    assert max(map(len, lines)) <= columns
    (first,) = [line for line in lines if line.startswith("N.E.O")]
    (second,) = [line for line in lines if line.startswith("C ")]
    assert first.index("1,214") + 5 == second.index("31") + 2  # right
    assert "[red]" in " ".join(lines)
    assert ":smile:" in " ".join(lines)
    assert "Segments [bold]" in lines[0]


@given(st.lists(st.tuples(st.text(max_size=60), st.integers(0, 10**9)), min_size=1, max_size=4), st.integers(40, 120))
def test_whatever_stands_in_it_steers_no_terminal(rows: list[tuple[str, int]], columns: int) -> None:
    table = Table("t", ("name", "rows"), tuple((name, f"{number:,}") for name, number in rows))
    text = on(columns, table)
    assert all(line.isprintable() for line in text.splitlines(keepends=False) if line)
    assert "\x1b" not in text
    assert all(f"{number:,}" in text for _, number in rows)


def test_in_a_pipe_it_is_plain_and_stable(capsys: pytest.CaptureFixture[str]) -> None:
    show(TABLE)
    assert capsys.readouterr().out == render_text(TABLE) + "\n"
    assert render_text(TABLE).splitlines()[1] == "segment  customers  spends more than others on"
