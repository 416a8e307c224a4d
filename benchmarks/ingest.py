"""Ingest against plain ``INSERT ... SELECT * FROM read_parquet(...)`` into the same kind of DuckLake table."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.homes import bank_files, context_of, files_of, fresh_home
from benchmarks.measure import Case, Run, in_turns, machine, ratio, table, timed, typical, write

OURS, PLAIN = "ingest:ours", "ingest:plain"
REPEATED = 5_000  # larger banks take minutes, and hardly vary
GOAL = "goal: at most 2 times plain INSERT; peak memory under 2,048 MiB at 26,000 customers; growth linear"


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


def bench(sizes: Sequence[int], cache: Path, repetitions: int) -> None:
    """Measure every size and write results/ingest.md."""
    rows = []
    for customers in sizes:
        case = Case(customers, str(bank_files(customers, cache)), str(cache))
        runs = in_turns([OURS, PLAIN], case, repetitions if customers < REPEATED else 1)
        rows.append(_row(customers, runs[OURS], runs[PLAIN]))
    header = ["customers x 6 years", "rows", "ours, rows/s", "plain, rows/s", "ratio, wall", "ratio, cpu"]
    header += ["ours, us a row", "ours, peak MiB", "plain, peak MiB", "runs"]
    write("ingest", ["# Ingest", "", *table(header, rows), "", f"{GOAL}.", "", machine()])


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
