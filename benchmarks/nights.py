"""What a night costs: the first, one new day, nothing new, the first day of a month, one late row in an old month."""

import json
import os
import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.homes import bank_files, files_of
from benchmarks.measure import Case, Run, machine, run_once, table, timed, write

FIRST, NEXT, MONTH_START = date(2025, 11, 28), date(2025, 11, 29), date(2025, 12, 1)
LATE = date(2021, 5, 17)
# Each night: its name, what is delivered before it, and its business date.
NIGHTS = (
    ("first load", "", FIRST),
    ("one new day", "day", NEXT),
    ("nothing new", "", NEXT),
    ("first of a month", "month start", MONTH_START),
    ("one late row", "late", MONTH_START),
)


def nights(case: Case) -> list[tuple[str, Run, dict[str, Any]]]:
    """Run the nights one after the other on one home; return of each its figures and what it added."""
    home, source = Path(case.scratch) / "nights-home", Path(case.scratch) / "nights-source"
    for folder in (home, source):
        shutil.rmtree(folder, ignore_errors=True)
    home.mkdir()
    deliver_first(Path(case.data), source)
    figures = []
    for name, delivery, as_of in NIGHTS:
        if delivery:
            deliver(delivery, Path(case.data), source)
        before = stored(home)
        options = {"home": str(home), "source": str(source / "*.parquet"), "as_of": as_of.isoformat()}
        run = run_once("nights:night", Case(case.customers, case.data, case.scratch, options))
        added = {what: count - before[what] for what, count in stored(home).items()}
        figures.append((name, run, added))
        print(f"  {name}: {run.seconds:.1f} s, cpu {run.cpu:.1f} s, {run.peak_mib:,.0f} MiB, {added}", flush=True)
    return figures


def deliver_first(bank: Path, source: Path) -> None:
    """Lay out all whole months before that of the first night as they are, and its own month up to its day."""
    source.mkdir(parents=True)
    for path in files_of(bank):
        if path.name < f"transactions-{FIRST:%Y-%m}":
            os.link(path, source / path.name)
    _cut(bank, source / "first.parquet", FIRST.replace(day=1), FIRST)


def deliver(what: str, bank: Path, source: Path) -> None:
    """Add one file."""
    if what == "day":
        _cut(bank, source / "day.parquet", NEXT, NEXT)
    elif what == "month start":
        _cut(bank, source / "turn.parquet", date(2025, 11, 30), MONTH_START)
    else:
        columns = "* REPLACE (transaction_id || '-late' AS transaction_id)"
        _copy(bank, source / "late.parquet", f"SELECT {columns}", LATE, LATE, " LIMIT 1")


def _cut(bank: Path, target: Path, first: date, last: date) -> None:
    _copy(bank, target, "SELECT *", first, last)


def _copy(bank: Path, target: Path, select: str, first: date, last: date, more: str = "") -> None:
    with duckdb.connect() as connection:
        span = f"booked_at >= '{first}' AND booked_at < DATE '{last}' + 1"
        rows = f"{select} FROM '{bank}/transactions-*.parquet' WHERE {span}{more}"
        connection.execute(f"COPY ({rows}) TO '{target}'")


def night(case: Case) -> dict[str, Any]:
    """Run one nightly flow in this process; return the journal's seconds and rows and the statements it ran."""
    os.environ |= {
        "MICROSEG_HOME": case.options["home"],
        "MICROSEG_SOURCE": case.options["source"],
        "MICROSEG_REFERENCE": "bank",
        "PREFECT_HOME": f"{case.options['home']}/prefect",
        "PREFECT_LOGGING_LEVEL": "ERROR",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    }
    from prefect.testing.utilities import prefect_test_harness

    from flows.nightly import nightly
    from tests.support.counting import counting

    with counting() as counts, prefect_test_harness(server_startup_timeout=120):
        measured = timed(lambda: len(nightly(date.fromisoformat(case.options["as_of"]))))
    return measured | {"stages": newest_stages(), "statements": counts.statements, "opened": len(counts.opened)}


def newest_stages() -> list[dict[str, Any]]:
    from warehouse.connection import connect
    from warehouse.settings import Settings

    with connect(Settings(), read_only=True) as connection:
        row = connection.execute("SELECT stages FROM ops.runs ORDER BY started_at DESC LIMIT 1").fetchone()
    stages: list[dict[str, Any]] = json.loads(row[0]) if row else []
    return stages


def stored(home: Path) -> dict[str, int]:
    """Return the files and bytes of a home's tables."""
    files = [path for path in (home / "data").rglob("*.parquet") if path.is_file()]
    return {"files": len(files), "bytes": sum(path.stat().st_size for path in files)}


def bench(sizes: Sequence[int], cache: Path) -> None:
    """Measure every size and write results/nights.md."""
    lines = ["# Nights", "", "Seconds by stage, from the journal ops.runs; Prefect's own start is not in them."]
    for customers in sizes:
        case = Case(customers, str(bank_files(customers, cache)), str(cache))
        lines += ["", f"## {customers:,} customers x 6 years", "", *by_night(nights(case))]
    write("nights", [*lines, "", machine()])


def by_night(figures: Sequence[tuple[str, Run, dict[str, Any]]]) -> list[str]:
    """Return a table: a column a night, a row a stage and a figure."""
    names = [stage["stage"] for stage in figures[0][1].facts["stages"]]
    seconds = [{stage["stage"]: stage["seconds"] for stage in run.facts["stages"]} for _, run, _ in figures]
    total = [sum(stages.values()) for stages in seconds]
    rows = [[name, *(f"{stages.get(name, 0):.1f}" for stages in seconds)] for name in names]
    rows += [
        ["**all stages**", *(f"{value:.1f}" for value in total)],
        ["of the first load", *(f"{value / total[0]:.1%}" for value in total)],
        ["cpu s", *(f"{run.cpu:.1f}" for _, run, _ in figures)],
        ["peak MiB", *(f"{run.peak_mib:,.0f}" for _, run, _ in figures)],
        ["files opened", *(f"{run.facts['opened']:,}" for _, run, _ in figures)],
        ["files added", *(f"{added['files']:,}" for *_, added in figures)],
        ["MB added", *(f"{added['bytes'] / 1e6:,.1f}" for *_, added in figures)],
        ["statements", *(f"{run.facts['statements']:,}" for _, run, _ in figures)],
    ]
    return table(["stage", *(name for name, *_ in figures)], rows)
