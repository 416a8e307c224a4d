"""Tables for a terminal: as wide as that is, with cells that wrap and numbers that stand right."""

from typing import Any

from tasks.operation.tables import Table, is_numeric, printable


def drawn(table: Table) -> Any:
    """Return a table as rich draws it; what stands in its cells is text, never markup or a control character.

    Args:
        table: With at least one row.
    """
    from rich import box
    from rich.table import Table as Drawn
    from rich.text import Text

    title = Text(printable(table.title), style="bold")
    sheet = Drawn(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name, column in zip(table.header, zip(*table.rows, strict=True), strict=True):
        is_right = is_numeric(column)
        # Of a number no digit may stand in another line; words may.
        sheet.add_column(
            Text(printable(name)), justify="right" if is_right else "left", no_wrap=is_right, overflow="fold"
        )
    for row in table.rows:
        sheet.add_row(*(Text(printable(cell)) for cell in row))
    return sheet
