"""What all contestants share: where their state lies, their limits, and how their figures are read back.

Runs in every environment that holds DuckDB, and imports nothing of ours but the measuring.
"""

import shutil
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.measure import Case, timed
from benchmarks.peers.processes import tree_cpu, tree_peak_mib

THREADS, MEMORY = 2, "2GiB"
# Set for every contestant: the same threads and memory, no telemetry, no network.
ENVIRONMENT = {
    "MICROSEG_THREADS": str(THREADS),
    "MICROSEG_MEMORY_LIMIT": MEMORY,
    "OMP_NUM_THREADS": str(THREADS),
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "ERROR",
    "SQLMESH__DISABLE_ANONYMIZED_ANALYTICS": "true",
    "MAX_FORK_WORKERS": "1",  # SQLMesh: two models need no pool of parsers
    "DO_NOT_TRACK": "1",
    "SPARK_LOCAL_IP": "127.0.0.1",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
}
# The two tables of sums, and the name of a part of each.
MONTHS = ("spend.monthly", "strftime(month, '%Y-%m')")
PERIODS = ("spend.by_period", "concat_ws(' ', as_of, window_name, step)")
Sums = dict[str, list[int]]  # by month, or by date, window and step: rows, and the sum of their amounts in cents


def fresh_state(case: Case, contestant: str) -> Path:
    """Return an empty folder for what a contestant makes first."""
    place = state_of(case, contestant)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    return place


def next_state(case: Case, contestant: str) -> Path:
    """Return a copy of what a contestant made first: each round of the next day begins with it."""
    place = state_of(case, f"{contestant}-next")
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(state_of(case, contestant), place)
    return place


def state_of(case: Case, contestant: str) -> Path:
    return Path(case.options["state"]) / contestant


def every_row(case: Case) -> str:
    """Return a glob of the Parquet files that our ingest wrote, the same in both rounds: keys and classes resolved."""
    return f"{case.options['rows']}/**/*.parquet"


def sums(connection: Any, relation: str, name: str, amount: str = "amount") -> Sums:
    """Return rows and cents of a relation.

    Args:
        connection: DuckDB's.
        relation: What stands behind FROM.
        name: An expression whose text names the part: a month, a step.
        amount: An expression of the amount, units of currency.
    """
    text = f"SELECT ({name})::VARCHAR, count(*), (sum({amount}) * 100)::BIGINT FROM {relation} GROUP BY 1 ORDER BY 1"
    return {part: [rows, cents] for part, rows, cents in connection.execute(text).fetchall()}


def spending(database: Path) -> dict[str, Sums]:
    """Return what a DuckDB file holds of both models."""
    import duckdb

    with duckdb.connect(str(database)) as connection:
        return {"months": sums(connection, *MONTHS), "periods": sums(connection, *PERIODS)}


def measured(work: Callable[[], Any], start: float, **facts: Any) -> dict[str, Any]:
    """Time the work in this process and its children.

    Args:
        work: What is measured.
        start: When the imports began, from `perf_counter`; what passed since is told apart as ``start``.
        facts: Put beside the figures.
    """
    figures = timed(work, tree_cpu, start=perf_counter() - start, **facts)
    return figures | {"peak_mib": tree_peak_mib()}
