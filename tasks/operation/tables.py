"""Small tables of ready cells, as text for a terminal and as Markdown for Prefect's pages."""

from collections.abc import Sequence
from dataclasses import dataclass


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
    columns = list(zip(table.header, *table.rows, strict=True))
    widths = [max(len(cell) for cell in column) for column in columns]
    right = [all(cell[:1].isdigit() or cell[:1] in "-" for cell in column[1:] if cell) for column in columns]
    lines = [table.title, _line(table.header, widths, right), "  ".join("-" * width for width in widths)]
    return "\n".join(lines + [_line(row, widths, right) for row in table.rows])


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    padded = (c.rjust(w) if r else c.ljust(w) for c, w, r in zip(cells, widths, right, strict=True))
    return "  ".join(padded).rstrip()


def render_markdown(table: Table) -> str:
    """Return a table as Markdown."""
    if not table.rows:
        return f"**{table.title}**: none"
    lines = ["| " + " | ".join(row) + " |" for row in (table.header, ("---",) * len(table.header), *table.rows)]
    return f"**{table.title}**\n\n" + "\n".join(lines)
