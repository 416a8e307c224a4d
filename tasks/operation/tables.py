"""Small tables of ready cells, as text for a terminal and as Markdown for Prefect's pages."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

# What Markdown or HTML would take for more than a character. An underscore within a word is none of it.
_MARKS = re.compile(r"[\\`*\[\]|~]|(?<=\w)_(?!\w)|(?<!\w)_")
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


@dataclass(frozen=True)
class Table:
    """A small table with a title; cells are ready to print."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def render_text(table: Table) -> str:
    """Return a table in aligned columns; numbers stand right."""
    if not table.rows:
        return f"{table.title}: none"
    rows = [tuple(map(printable, row)) for row in table.rows]
    columns = list(zip(table.header, *rows, strict=True))
    widths = [max(len(cell) for cell in column) for column in columns]
    right = [is_numeric(column[1:]) for column in columns]
    lines = [table.title, _line(table.header, widths, right), "  ".join("-" * width for width in widths)]
    return "\n".join(lines + [_line(row, widths, right) for row in rows])


def is_numeric(column: Sequence[str]) -> bool:
    """Return whether a column of cells holds numbers, which stand right."""
    return all(cell[:1].isdigit() or cell[:1] in "-" for cell in column if cell)


def printable(text: str) -> str:
    """Return a text in one line without a control character: data must not steer a terminal."""
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    padded = (c.rjust(w) if r else c.ljust(w) for c, w, r in zip(cells, widths, right, strict=True))
    return "  ".join(padded).rstrip()


def render_markdown(table: Table) -> str:
    """Return a table as Markdown; what stands in its cells is shown as it is."""
    title = f"**{escaped(table.title)}**"
    if not table.rows:
        return f"{title}: none"
    cells = [tuple(map(escaped, row)) for row in (table.header, *table.rows)]
    lines = ["| " + " | ".join(row) + " |" for row in (cells[0], ("---",) * len(table.header), *cells[1:])]
    return f"{title}\n\n" + "\n".join(lines)


def escaped(text: str) -> str:
    r"""Return a text that Markdown shows as it is: names of columns, labels and feeds are other people's.

    >>> escaped("<b>`x`</b>|spend_by_period\n_a_")
    '&lt;b&gt;\\`x\\`&lt;/b&gt;\\|spend_by_period \\_a\\_'
    """
    marked = _MARKS.sub(lambda match: "\\" + match[0], printable(text))
    return marked.translate(_HTML).replace("://", ":&#47;/")  # a bare address would become a link


def counted(number: int, what: str, done: str = "", many: str = "") -> str:
    """Return a number of things in words.

    >>> counted(1, "snapshot", " expired"), counted(1_200, "snapshot", " expired")
    ('1 snapshot expired', '1,200 snapshots expired')
    """
    return f"{number:,} {what if number == 1 else many or what + 's'}{done}"
