"""dbt with DuckDB: two incremental models, delete and insert by the month and by the business date."""

import os
import shutil
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.measure import Case
from benchmarks.peers.state import MEMORY, every_row, fresh_state, measured, next_state, spending

PROJECT = Path(__file__).with_name("dbt")


def first(case: Case) -> dict[str, Any]:
    return refresh(case, fresh_state(case, "sums-dbt"))


def next_day(case: Case) -> dict[str, Any]:
    return refresh(case, next_state(case, "sums-dbt"))


def refresh(case: Case, place: Path) -> dict[str, Any]:
    """Run both models for the business date, and read back what they hold."""
    start = perf_counter()
    from dbt.cli.main import dbtRunner

    shutil.copytree(PROJECT, place, dirs_exist_ok=True)  # dbt writes beside its project
    database = place / "spending.duckdb"
    spill = str(place / "tmp")
    os.environ |= {"PEERS_DATABASE": str(database), "PEERS_MEMORY": MEMORY, "PEERS_SPILL": spill}
    variables = f"{{rows: '{every_row(case)}', as_of: '{case.options['as_of']}'}}"

    def work() -> None:
        folders = ["--project-dir", str(place), "--profiles-dir", str(place)]
        done = dbtRunner().invoke(["--quiet", "run", *folders, "--vars", variables])
        if not done.success:
            raise SystemExit(f"dbt: {done.exception or [result.message for result in done.result or []]}")

    figures = measured(work, start, version=f"{version('dbt-core')}, dbt-duckdb {version('dbt-duckdb')}")
    return figures | {"sums": spending(database)}
