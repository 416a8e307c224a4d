"""Ingest against plain ``INSERT ... SELECT * FROM read_parquet(...)`` into the same kind of DuckLake table."""

import csv
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.homes import bank_files, context_of, files_of, fresh_home
from benchmarks.measure import Case, Run, in_turns, machine, ratio, run_once, table, timed, typical, write

OURS, PLAIN, MANY = "ingest:ours", "ingest:plain", "ingest:many"
REPEATED = 5_000  # larger banks take minutes, and hardly vary
FILES = 2_000
GOAL = (
    "goal, cpu: at most 1.7 times plain INSERT at a million rows a file, 2.5 times at 39,000; peak memory under 2,048 "
    f"MiB at 26,000 customers; growth linear; {FILES:,} files of one row within a minute"
)


def ours(case: Case) -> dict[str, Any]:
    """Every quarantine rule, keys for customers, classes for codes, the contest of ids, the load ledger."""
    from tasks.intake.ingest import ingest_sources

    home = Path(case.scratch) / "ingest-ours"
    context = context_of(fresh_home(home))
    measured = timed(lambda: ingest_sources(context, [f"{case.data}/transactions-*.parquet"]).accepted)
    shutil.rmtree(home)
    return measured


def plain(case: Case) -> dict[str, Any]:
    """The rows as they are, one statement and one commit a file, into a table partitioned by the same months."""
    from warehouse.connection import connect
    from warehouse.queries import quoted

    home = Path(case.scratch) / "ingest-plain"
    settings = fresh_home(home)

    def work() -> int:
        with connect(settings) as connection:
            first, *_ = files = [f"SELECT * FROM read_parquet({quoted(str(path))})" for path in files_of(case.data)]
            connection.execute(f"CREATE TABLE lake.main.t AS {first} LIMIT 0")
            connection.execute("ALTER TABLE lake.main.t SET PARTITIONED BY (year(booked_at), month(booked_at))")
            for select in files:
                connection.execute(f"INSERT INTO lake.main.t {select}")
            return int((connection.execute("SELECT count(*) FROM lake.main.t").fetchone() or (0,))[0])

    measured = timed(work)
    shutil.rmtree(home)
    return measured


def many(case: Case) -> dict[str, Any]:
    """Thousands of CSV files with one row each, in a warehouse that is empty."""
    from tasks.intake.ingest import ingest_sources

    folder, home = Path(case.scratch) / "one-row", Path(case.scratch) / "ingest-many"
    write_rows(Path(case.data), folder)
    context = context_of(fresh_home(home))
    measured = timed(lambda: ingest_sources(context, [f"{folder}/*.csv"]).accepted)
    shutil.rmtree(home)
    shutil.rmtree(folder)
    return measured


def write_rows(data: Path, folder: Path) -> None:
    """Write the first rows of a bank as CSV files of one row each."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    first, *_ = files_of(data)
    with duckdb.connect() as connection:
        rows = connection.execute("SELECT * FROM read_parquet($1) LIMIT $2", [str(first), FILES])
        header = [name for name, *_ in rows.description]
        for number, row in enumerate(rows.fetchall()):
            with (folder / f"{number:05}.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([header, row])


def bench(sizes: Sequence[int], cache: Path, repetitions: int) -> None:
    """Measure every size and write results/ingest.md."""
    rows = []
    for customers in sizes:
        case = Case(customers, str(bank_files(customers, cache)), str(cache))
        runs = in_turns([OURS, PLAIN], case, repetitions if customers < REPEATED else 1)
        rows.append(_row(customers, runs[OURS], runs[PLAIN]))
    header = ["customers x 6 years", "rows", "ours, rows/s", "plain, rows/s", "ratio, wall", "ratio, cpu"]
    header += ["ours, us a row", "ours, peak MiB", "plain, peak MiB", "runs"]
    single = run_once(MANY, Case(sizes[0], str(bank_files(sizes[0], cache)), str(cache)))
    told = (
        f"{FILES:,} CSV files of one row: {single.seconds:.1f} s, cpu {single.cpu:.1f} s, {single.peak_mib:,.0f} MiB."
    )
    write("ingest", ["# Ingest", "", *table(header, rows), "", told, "", f"{GOAL}.", "", machine()])


def _row(customers: int, mine: list[Run], peer: list[Run]) -> list[str]:
    ours_typical, plain_typical = typical(mine), typical(peer)
    rows = ours_typical.facts["result"]
    return [
        f"{customers:,}",
        f"{rows:,}",
        f"{rows / ours_typical.seconds:,.0f}",
        f"{plain_typical.facts['result'] / plain_typical.seconds:,.0f}",
        f"{ratio(mine, peer, lambda run: run.seconds):.2f}",
        f"{ratio(mine, peer, lambda run: run.cpu):.2f}",
        f"{ours_typical.seconds / rows * 1e6:.2f}",
        f"{ours_typical.peak_mib:,.0f}",
        f"{plain_typical.peak_mib:,.0f}",
        str(len(mine)),
    ]
