"""Summarize: what a run left in the warehouse, as plain tables for the terminal and as Markdown for the artifact."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb

from tasks.operation.journal import StageReport
from tasks.operation.tables import Table, counted
from tasks.units.raw_rows import added, rows_by_months
from tasks.units.unit import Crew
from warehouse.connection import connect
from warehouse.queries import query
from warehouse.settings import Settings

Row = Sequence[object]


@dataclass(frozen=True)
class Summary:
    """The readable ending of a run."""

    as_of: date
    headline: str
    tables: tuple[Table, ...]


def summarize(settings: Settings, as_of: date, crew: Crew | None = None) -> Summary:
    """Read the summary of one business date.

    Args:
        settings: Settings of the warehouse.
        as_of: The date whose periods are shown.
        crew: Reads the raw rows; None: they are read here.
    """
    with connect(settings, read_only=True) as connection:

        def read(name: str, **bounds: object) -> Sequence[Row]:
            return connection.execute(query(f"ops/{name}"), bounds).fetchall()

        least = settings.min_segment_size
        rows = read("summarize_rows")[0]
        classes = read("summarize_classes", as_of=as_of, min_size=least)
        periods = [_few_hidden(row, (4, 6), least) for row in read("summarize_periods", as_of=as_of, min_size=least)]
        shown = [_few_hidden(row[:4], (1, 2, 3), least) for row in classes[:10]]
        tables = (
            _table("Rejected rows", ("reason", "column", "rows"), read("summarize_rejects")),
            _table(f"Accepted rows, twelve months to {as_of}", _KIND_HEADER, _kinds(connection, settings, as_of, crew)),
            _table(f"Coverage by class, first 10 of {len(classes)}", _CLASS_HEADER, shown),
            _table("Spending by period", _PERIOD_HEADER, periods),
            _table("Segments", _SEGMENT_HEADER, read("summarize_segments", as_of=as_of)),
        )
    return Summary(as_of, _headline(rows, classes), tables)


_KIND_HEADER = ("kind", "rows", "money out minus money in", "share of rows")
_CLASS_HEADER = ("class", "customers", "spending", "share of spending")
_SEGMENT_HEADER = ("segment", "customers", "share", "margin, degrees", "spends more than others on")
_PERIOD_HEADER = ("window", "step", "from", "before", "customers", "classes", "spending")


def _kinds(connection: duckdb.DuckDBPyConnection, settings: Settings, as_of: date, crew: Crew | None) -> list[Row]:
    """Return rows, amount and share of each kind in twelve months; all of history would cost more every night."""
    year_ago = connection.execute("SELECT ($1::DATE - INTERVAL 12 MONTH)::DATE", [as_of]).fetchall()[0][0]
    days = year_ago + timedelta(days=1), as_of + timedelta(days=1)
    parts = defaultdict[str, list[tuple[int, Any]]](list)
    for kind, rows, amount in rows_by_months(connection, settings, "ops/summarize_kinds", days, crew):
        parts[kind].append((rows, amount))
    counts = {kind: sum(rows for rows, _ in of_kind) for kind, of_kind in parts.items()}
    sums = {kind: added(amount for _, amount in of_kind) for kind, of_kind in parts.items()}
    ranked = sorted(counts, key=lambda kind: (-counts[kind], kind))
    return [(kind, counts[kind], sums[kind], counts[kind] / sum(counts.values())) for kind in ranked]


def _few_hidden(row: Row, columns: tuple[int, ...], least: int) -> Row:
    """Say that customers are few where they are not given, and give no amount of theirs."""
    customers, *amounts = columns
    if row[customers] is not None:
        return row
    return [f"< {least}" if at == customers else "" if at in amounts else value for at, value in enumerate(row)]


def _headline(rows: Row, classes: Sequence[Row]) -> str:
    customers, accepted, rejected, duplicates, loads, first, last = rows
    total = sum(float(str(row[2])) for row in classes)
    rated = sum(float(str(row[2])) for row in classes if row[4])
    covered = f"; {rated / total:.0%} of classified spending is in classes with coefficients" if total else ""
    span = f" ({first} to {last})" if first else ""
    return (
        f"{customers:,} customers, {accepted:,} transactions accepted from {counted(int(str(loads)), 'load')}{span}, "
        f"{rejected:,} rejected, {duplicates:,} duplicates{covered}"
    )


def _table(title: str, header: tuple[str, ...], rows: Sequence[Row]) -> Table:
    return Table(title, header, tuple(tuple(_cell(value) for value in row) for row in rows))


def _cell(value: object) -> str:
    if value is None or value != value:  # noqa: PLR0124 - NaN alone differs from itself
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.1%}" if 0 <= value <= 1 else f"{value:,.2f}"
    return f"{value:,.2f}" if hasattr(value, "quantize") else str(value)


def stage_table(stages: Sequence[StageReport]) -> Table:
    """Return the table of stages that a run ends with."""
    rows = tuple(
        (s.stage, f"{s.seconds:,.1f}", "" if s.rows is None else f"{s.rows:,}", f"{s.peak_mib:,}", s.note)
        for s in stages
    )
    return Table("Stages", ("stage", "seconds", "rows", "peak MiB", "outcome"), rows)
