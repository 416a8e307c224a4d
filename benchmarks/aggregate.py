"""Monthly sums and sums by period against the same sums written by hand, on the same Parquet files.

The peers read the files that ingest has written (keys, classes and kinds resolved) and write Parquet, without a
catalog, a transaction or a fixed order of rows. Each holds what its users would hold: DuckDB and pandas one month at a
time, Polars the whole bank in its streaming engine.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.homes import AS_OF, bank_files, copied_home, ingested_home, monthly_home, prepare_homes
from benchmarks.measure import Case, Run, in_turns, machine, ratio, table, timed, typical, write

KINDS = ("spend", "refund", "fee", "unclassified")
OURS, DUCKDB = "aggregate:ours", "aggregate:by_hand"
PEERS = {"aggregate:by_pandas": "pandas, month by month", "aggregate:by_polars": "Polars, streaming"}
PERIODS, PERIODS_BY_HAND = "aggregate:periods", "aggregate:periods_by_hand"
REPEATED = 10_000  # larger banks take minutes, and hardly vary
GOAL = "goal: monthly sums in at most 1.2 times the hand-written DuckDB; peak memory under 2,048 MiB"


def ours(case: Case) -> dict[str, Any]:
    """refresh_monthly: every month is stale, as after a first load."""
    from tasks.spending.aggregate import refresh_monthly

    settings = copied_home(ingested_home(case), Path(case.scratch) / "aggregate-ours")
    measured = timed(lambda: refresh_monthly(settings))
    shutil.rmtree(settings.home)
    return measured


def month_files(case: Case) -> list[str]:
    root = ingested_home(case) / "data" / "raw" / "transactions"
    months = {path.parent for path in root.rglob("*.parquet")}
    return [f"{month}/*.parquet" for month in sorted(months)]


def output(case: Case) -> Path:
    out = Path(case.scratch) / "by-hand"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    return out


def by_hand(case: Case) -> dict[str, Any]:
    """DuckDB with the settings of ours, month by month."""
    import duckdb

    from warehouse.engines import engine_config
    from warehouse.settings import Settings

    files, out = month_files(case), output(case)

    def work() -> int:
        connection = duckdb.connect(config=engine_config(Settings(home=out)) | {"temp_directory": str(out / "tmp")})
        for number, month in enumerate(files):
            connection.execute(
                f"COPY (SELECT customer_key, class_id, sum(amount) AS amount, count(*) AS transactions "
                f"FROM read_parquet('{month}', hive_partitioning = false) WHERE kind IN {KINDS} "
                f"GROUP BY customer_key, class_id) TO '{out}/{number}.parquet'"
            )
        return len(files)

    return timed(work)


def by_pandas(case: Case) -> dict[str, Any]:
    import pandas as pd

    files, out = month_files(case), output(case)
    columns = ["customer_key", "class_id", "amount", "kind"]

    def work() -> int:
        for number, month in enumerate(files):
            parts = [pd.read_parquet(path, columns=columns) for path in Path(month).parent.glob("*.parquet")]
            rows = pd.concat(parts) if len(parts) > 1 else parts[0]
            rows = rows[rows["kind"].isin(KINDS)].astype({"amount": "float64"})
            sums = rows.groupby(["customer_key", "class_id"], dropna=False)["amount"].agg(["sum", "count"])
            sums.reset_index().to_parquet(out / f"{number}.parquet")
        return len(files)

    return timed(work)


def by_polars(case: Case) -> dict[str, Any]:
    import polars as pl

    files, out = month_files(case), output(case)

    def work() -> int:
        rows = pl.scan_parquet(files, hive_partitioning=False).filter(pl.col("kind").is_in(KINDS))
        keys = ["customer_key", pl.col("booked_on").dt.truncate("1mo").alias("month"), "class_id"]
        sums = rows.group_by(keys).agg(pl.col("amount").sum(), pl.len().alias("transactions"))
        sums.sink_parquet(out / "all.parquet", engine="streaming")
        return len(files)

    return timed(work)


def periods(case: Case) -> dict[str, Any]:
    """refresh_by_period: both windows at the last day of the bank."""
    from tasks.spending.periods import refresh_by_period

    settings = copied_home(monthly_home(case), Path(case.scratch) / "periods-ours")
    measured = timed(lambda: refresh_by_period(settings, AS_OF, "benchmark"))
    shutil.rmtree(settings.home)
    return measured


def periods_by_hand(case: Case) -> dict[str, Any]:
    """DuckDB with the settings of ours, step by step from the Parquet files of spend.monthly."""
    import duckdb

    from warehouse.engines import engine_config
    from warehouse.queries import query
    from warehouse.settings import Settings

    home, out = monthly_home(case), output(case)

    def work() -> int:
        connection = duckdb.connect(config=engine_config(Settings(home=out)) | {"temp_directory": str(out / "tmp")})
        connection.execute(query("spend/create_periods"), {"as_of": AS_OF})
        steps = connection.execute("SELECT window_name, step, period_start, period_end FROM periods").fetchall()
        for window, step, start, end in steps:
            connection.execute(
                f"COPY (WITH sums AS (SELECT customer_key, class_id, sum(amount) AS amount "
                f"FROM read_parquet('{home}/data/spend/monthly/**/*.parquet', hive_partitioning = false) "
                f"WHERE month >= DATE '{start}' AND month < DATE '{end}' AND class_id IS NOT NULL "
                "GROUP BY customer_key, class_id HAVING sum(amount) > 0) "
                "SELECT *, amount::DOUBLE / sum(amount) OVER (PARTITION BY customer_key) AS share FROM sums) "
                f"TO '{out}/{window}-{step}.parquet'"
            )
        return len(steps)

    return timed(work)


def bench(sizes: Sequence[int], cache: Path, repetitions: int) -> None:
    """Measure every size and write results/aggregate.md."""
    rows: list[list[str]] = []
    for customers in sizes:
        case = Case(customers, str(bank_files(customers, cache)), str(cache))
        prepare_homes(case)
        runs = in_turns(
            [OURS, DUCKDB, *PEERS, PERIODS, PERIODS_BY_HAND], case, repetitions if customers < REPEATED else 1
        )
        rows += _rows(customers, runs)
    header = [
        "customers x 6 years",
        "what",
        "seconds",
        "cpu s",
        "peak MiB",
        "wall, by hand = 1",
        "cpu, by hand = 1",
        "runs",
    ]
    write(
        "aggregate",
        [
            "# Aggregate",
            "",
            *table(header, rows),
            "",
            f"{GOAL}. Medians of the rounds, memory the highest.",
            "",
            machine(),
        ],
    )


def _rows(customers: int, runs: dict[str, list[Run]]) -> list[list[str]]:
    names = {OURS: "monthly sums: ours", DUCKDB: "monthly sums: DuckDB by hand"}
    names |= {name: f"monthly sums: {what}" for name, what in PEERS.items()}
    names |= {PERIODS: "by period: ours", PERIODS_BY_HAND: "by period: DuckDB by hand"}
    lines = []
    for name, what in names.items():
        run, peer = typical(runs[name]), runs[PERIODS_BY_HAND if "period" in name else DUCKDB]
        wall = ratio(runs[name], peer, lambda one: one.seconds)
        cpu = ratio(runs[name], peer, lambda one: one.cpu)
        figures = [
            f"{run.seconds:.2f}",
            f"{run.cpu:.2f}",
            f"{run.peak_mib:,.0f}",
            f"{wall:.2f}",
            f"{cpu:.2f}",
            str(len(peer)),
        ]
        lines.append([f"{customers:,}", what, *figures])
    return lines
