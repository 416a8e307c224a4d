"""Digest: one run in Markdown, the verdict first, so that a tired person has it in ten seconds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from tasks.operation.journal import StageReport
from tasks.operation.tables import Table, counted, escaped, render_markdown
from tasks.publishing.summarize import stage_table
from tasks.publishing.words import in_words, moves_diagram
from tasks.units.raw_rows import rows_by_months
from tasks.units.unit import Crew
from warehouse.connection import connect
from warehouse.queries import query
from warehouse.settings import Settings


@dataclass(frozen=True)
class Digest:
    """A run in words.

    Attributes:
        headline: One line: fine, or what to look at.
        markdown: The whole, headline first.
    """

    headline: str
    markdown: str


@dataclass(frozen=True)
class _Findings:
    arrivals: tuple[int, int, int, int, int]
    newest: date | None
    gates: tuple[int, int, str]
    feeds: Sequence[tuple[str, str, str, str, str]]
    drift: Sequence[tuple[str, str, str]]
    sizes: Sequence[tuple[str, int, int, bool]]
    largest: Sequence[tuple[str, int, float, str]]
    movers: Sequence[tuple[str, str, int]]
    rejects: Sequence[tuple[str, str, int]]


def digest(
    settings: Settings,
    as_of: date,
    run_id: str,
    stages: Sequence[StageReport],
    crew: Crew | None = None,
    links: Mapping[str, str] | None = None,
) -> Digest:
    """Read what a run did from the warehouse.

    Args:
        settings: The warehouse.
        as_of: Business date.
        run_id: The run, as in ops.runs.
        stages: Its stages.
        crew: Reads raw rows, where there are later ones; None: they are read here.
        links: Files that tell more, by what they are.
    """
    with connect(settings, read_only=True) as connection:
        newest = newest_booking(connection, settings, as_of, crew)
        findings = _read(connection, as_of, run_id, newest)
    headline = _headline(findings, as_of)
    docs = {"Data Docs, all expectations with their figures": str(settings.home.resolve() / "data_docs" / "index.html")}
    parts = [
        f"# {escaped(headline)}",
        _came_in(findings),
        *_segments(findings),
        *_moves(findings),
        _render("Feeds", ("feed", "newest booking", "silent days", "level", "unusual days"), findings.feeds),
        _render("Drift from the champion's training data", ("measure", "value", "level"), findings.drift),
        _render("Waiting in quarantine", ("reason", "column", "rows"), findings.rejects),
        render_markdown(stage_table(stages)),
        _read_on({**(links or {}), **docs}),
    ]
    return Digest(headline, "\n\n".join(parts))


def newest_booking(
    connection: duckdb.DuckDBPyConnection, settings: Settings, as_of: date, crew: Crew | None
) -> date | None:
    """Return the newest booking date up to a day: of all rows it is known without opening a file."""
    newest: date | None = connection.execute("SELECT max(booked_on) FROM raw.transactions").fetchall()[0][0]
    if newest is None or newest <= as_of:
        return newest
    days = date.min, as_of + timedelta(days=1)
    found = rows_by_months(connection, settings, "ops/select_newest_booking", days, crew)
    return max((day for (day,) in found if day), default=None)


def _read(connection: duckdb.DuckDBPyConnection, as_of: date, run_id: str, newest: date | None) -> _Findings:
    def read(name: str, **parameters: object) -> list[tuple[object, ...]]:
        return connection.execute(query(f"ops/{name}"), parameters).fetchall()

    return _Findings(
        read("digest_arrivals", run_id=run_id)[0],  # type: ignore[arg-type]
        newest,
        read("digest_gates", run_id=run_id)[0],  # type: ignore[arg-type]
        read("digest_feeds", run_id=run_id, as_of=as_of),  # type: ignore[arg-type]
        read("digest_drift", run_id=run_id, as_of=as_of),  # type: ignore[arg-type]
        read("digest_sizes", as_of=as_of),  # type: ignore[arg-type]
        read("digest_largest", as_of=as_of),  # type: ignore[arg-type]
        read("digest_movers", as_of=as_of),  # type: ignore[arg-type]
        read("summarize_rejects"),  # type: ignore[arg-type]
    )


def _headline(findings: _Findings, as_of: date) -> str:
    _, failed, _ = findings.gates
    held = findings.arrivals[-1]
    concerns = [f"{counted(held, 'load')} held back"] * bool(held)
    concerns += [counted(failed, "gate warning")] * bool(failed)
    concerns += [concern for feed in findings.feeds for concern in _concerns(*feed)]
    concerns += [f"{measure} drifted ({level})" for measure, _, level in findings.drift]
    customers = sum(size for _, size, _, _ in findings.sizes)
    verdict = f"Check {', '.join(concerns)}" if concerns else "All gates passed, no drift"
    return (
        f"{verdict}; {as_of} is published with {counted(customers, 'customer')}; {_freshness(findings.newest, as_of)}"
    )


def _freshness(newest: date | None, as_of: date) -> str:
    if newest is None:
        return "no booking yet"
    return f"newest booking {newest}, {counted((as_of - newest).days, 'day')} of silence"


def _concerns(feed: str, newest: str, silent_days: str, level: str, unlike: str) -> list[str]:
    silent = f"{feed} silent for {silent_days} days (newest booking {newest})"
    return [silent] * (level == "warning") + [f"{feed}: {unlike}"] * bool(unlike)


def _came_in(findings: _Findings) -> str:
    loads, accepted, rejected, duplicates, _ = findings.arrivals
    checked, failed, names = findings.gates
    came = (
        f"New data: {counted(accepted, 'row')} from {counted(loads, 'load')}, {rejected:,} rejected, "
        f"{counted(duplicates, 'duplicate')}"
        if loads
        else "New data: none"
    )
    gates = f"Gates: {counted(checked, 'expectation')}, {failed:,} failed{': ' + names if names else ''}"
    gates = gates if checked else "Gates: unchanged since they passed"
    return f"{came}.\n\n{escaped(gates)}."


def _segments(findings: _Findings) -> list[str]:
    sizes = [
        (name, in_words(name), f"{size:,}", f"{change:+,}" if compared else "")
        for name, size, change, compared in findings.sizes
    ]
    largest = [(name, in_words(name), f"{size:,}", f"{part:.1%}", top) for name, size, part, top in findings.largest]
    return [
        _render("Segments by their first trait", ("segment", "in words", "customers", "change"), sizes),
        _render(
            "The largest segments",
            ("segment", "in words", "customers", "share", "spends more than others on"),
            largest,
        ),
    ]


def _moves(findings: _Findings) -> list[str]:
    """Return the moves drawn, and as a table for whoever does not see the drawing."""
    rows = [(in_words(before), in_words(after), size) for before, after, size in findings.movers]
    title = "Moved since the date published before, by first trait (small groups are left out)"
    diagram = moves_diagram(findings.movers)
    return [_render(title, ("from", "to", "customers"), rows), *([diagram] if diagram else [])]


def _read_on(links: Mapping[str, str]) -> str:
    lines = [f"- {escaped(what)}: {escaped(where)}" for what, where in links.items()]
    lines += ["- Why one customer is in a segment: `microseg explain CUSTOMER_ID`"]
    lines += ["- The same as a page: `microseg report --customer CUSTOMER_ID`"]
    lines += ["- What is broken now: `microseg status`"]
    return "\n".join(["**Read on**", "", *lines])


def _render(title: str, header: tuple[str, ...], rows: Sequence[Sequence[object]]) -> str:
    cells = tuple(
        tuple(f"{cell:,}" if isinstance(cell, int) else str("" if cell is None else cell) for cell in row)
        for row in rows
    )
    return render_markdown(Table(title, header, cells))
