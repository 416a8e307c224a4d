"""What a cluster costs: the first night by one process, and by Dask workers beside it, each in a fresh home."""

import os
import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.homes import bank_files
from benchmarks.measure import Case, Run, machine, run_once, table, timed, write
from benchmarks.nights import FIRST, newest_stages

WORKERS = (0, 1, 2, 4)  # none: one process
BY_UNITS = ("ingest", "aggregate months", "aggregate periods", "validate spending", "trace", "segment", "report")
LAYERS = ("raw", "spend", "features", "traces", "segments")


def night(case: Case) -> dict[str, Any]:
    """Run one nightly flow; return its stages, commits, bytes to and from the scheduler, and checksums."""
    workers, home = case.options["workers"], case.options["home"]
    os.environ |= {
        "MICROSEG_HOME": home,
        "MICROSEG_SOURCE": f"{case.data}/transactions-*.parquet",
        "MICROSEG_REFERENCE": "bank",
        "MICROSEG_TASK_RUNNER": "dask" if workers else "threads",
        "MICROSEG_DASK_WORKERS": str(workers or 1),
        "PREFECT_HOME": f"{home}/prefect",
        "PREFECT_LOGGING_LEVEL": "ERROR",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    }
    from prefect.testing.utilities import prefect_test_harness

    from flows.nightly import nightly

    through = count_bytes() if workers else {}
    with prefect_test_harness(server_startup_timeout=120):
        measured = timed(lambda: len(nightly(date.fromisoformat(case.options["as_of"]))))
    return measured | {"stages": newest_stages(), "through": dict(through)} | lake_facts()


def count_bytes() -> dict[str, int]:
    """Count what the scheduler and the client, both in this process, write to others and read from them."""
    from distributed.comm import tcp

    through = {"read": 0, "written": 0}
    write_message: Any = tcp.TCP.write
    read_bytes: Any = tcp.read_bytes_rw

    async def counted_write(self: Any, *arguments: Any, **named: Any) -> Any:
        count: int = await write_message(self, *arguments, **named)
        through["written"] += count or 0
        return count

    async def counted_read(stream: Any, size: int) -> Any:
        through["read"] += size
        return await read_bytes(stream, size)

    tcp.TCP.write, tcp.read_bytes_rw = counted_write, counted_read  # type: ignore[method-assign, assignment]
    return through


def lake_facts() -> dict[str, Any]:
    """Return the commits, the files and the checksums of the warehouse."""
    from tests.support.checksums import table_checksums
    from warehouse.connection import connect
    from warehouse.settings import Settings
    from warehouse.stored import live_files

    with connect(Settings()) as connection:
        (commits,) = connection.execute("SELECT count(*) FROM lake.snapshots()").fetchone() or (0,)
        checksums = table_checksums(connection, LAYERS)
        raw = sum(file.size for file in live_files(connection) if file.table == "raw.transactions")
    return {"commits": commits, "checksums": {name: list(pair) for name, pair in checksums.items()}, "raw": raw}


def bench(sizes: Sequence[int], cache: Path, workers: Sequence[int] = WORKERS) -> None:
    """Measure every size, each with so many workers in turn, and write results/cluster.md."""
    told = "Seconds by stage, from ops.runs; workers on the same machine, started by the first stage that needs them."
    lines = ["# A night on a cluster", "", told]
    for customers in sizes:
        runs = [(count, _run(customers, cache, count)) for count in workers]
        lines += ["", f"## {customers:,} customers x 6 years, first load", "", *by_workers(runs)]
    write("cluster", [*lines, "", machine()])


def _run(customers: int, cache: Path, workers: int) -> Run:
    home = cache / "cluster-home"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    options = {"home": str(home), "workers": workers, "as_of": FIRST.isoformat()}
    run = run_once("cluster:night", Case(customers, str(bank_files(customers, cache)), str(cache), options))
    print(f"  {workers} workers: {run.seconds:.1f} s", flush=True)
    return run


def by_workers(runs: Sequence[tuple[int, Run]]) -> list[str]:
    """Return a table: a column a number of workers, a row a figure; the first column is one process."""
    alone = runs[0][1]
    spent = [{stage["stage"]: stage["seconds"] for stage in run.facts["stages"]} for _, run in runs]
    total = [sum(stages.values()) for stages in spent]
    rows = [[name, *(f"{stages[name]:.1f}" for stages in spent)] for name in BY_UNITS]
    rows += [
        ["**all stages**", *(f"{seconds:.1f}" for seconds in total)],
        ["of one process", *(f"{seconds / total[0]:.2f}" for seconds in total)],
        ["peak MiB of the flow's process", *(f"{run.peak_mib:,.0f}" for _, run in runs)],
        ["commits", *(str(run.facts["commits"]) for _, run in runs)],
        ["KB through the scheduler", *(f"{sum(run.facts['through'].values()) / 1e3:,.0f}" for _, run in runs)],
        [
            "of the bytes of raw rows",
            *(f"{sum(run.facts['through'].values()) / run.facts['raw']:.5f}" for _, run in runs),
        ],
        ["same tables", *("yes" if run.facts["checksums"] == alone.facts["checksums"] else "NO" for _, run in runs)],
    ]
    heads = [
        f"{workers} {'worker' if workers == 1 else 'workers'}" if workers else "one process" for workers, _ in runs
    ]
    return table(["", *heads], rows)
