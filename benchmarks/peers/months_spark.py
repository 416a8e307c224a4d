"""PySpark in one process: sums by month over everything, then only the partition of the month that a day changed.

A JVM does the work, so processor time and memory are those of this process with its children.
"""

import shutil
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.measure import Case
from benchmarks.peers.state import MEMORY, THREADS, fresh_state, measured, next_state, sums

KINDS = ("spend", "refund", "fee", "unclassified")
CONFIGURATION = {
    "spark.driver.memory": MEMORY.removesuffix("iB").lower(),
    "spark.sql.shuffle.partitions": str(4 * THREADS),  # 200 unless told: for a cluster
    "spark.sql.sources.partitionOverwriteMode": "dynamic",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}


def first(case: Case) -> dict[str, Any]:
    return refresh(case, fresh_state(case, "months-spark"), None)


def next_day(case: Case) -> dict[str, Any]:
    return refresh(case, next_state(case, "months-spark"), date.fromisoformat(case.options["as_of"]))


def refresh(case: Case, place: Path, changed: date | None) -> dict[str, Any]:
    """Sum every month, or that of one changed day, into Parquet partitioned by month; read back what is there."""
    start = perf_counter()
    spark = session(place)
    out = place / "monthly"

    def work() -> None:
        from pyspark.sql import functions as f

        rows = spark.read.parquet(case.options["rows"]).where(f.col("kind").isin(*KINDS))
        if changed:  # by the folders of the files, so that no other is opened
            rows = rows.where((f.col("year") == changed.year) & (f.col("month") == changed.month))
        month = f.trunc("booked_on", "month").alias("month")
        grouped = rows.groupBy("customer_key", month, "class_id")
        added = grouped.agg(f.sum("amount").alias("amount"), f.count("*").alias("transactions"))
        added.repartition(4 * THREADS, "month").write.mode("overwrite").partitionBy("month").parquet(str(out))

    figures = measured(work, start, version=spark.version)
    spark.stop()
    return figures | {"sums": {"months": read_back(out)}}


def session(place: Path) -> Any:
    from pyspark.sql import SparkSession

    settings = CONFIGURATION | {
        "spark.local.dir": str(place / "tmp"),
        "spark.sql.warehouse.dir": str(place / "warehouse"),
    }
    builder = SparkSession.builder.master(f"local[{THREADS}]").appName("peers")
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def read_back(out: Path) -> dict[str, list[int]]:
    import duckdb

    shutil.rmtree(out.with_name("tmp"), ignore_errors=True)
    with duckdb.connect() as connection:
        relation = f"read_parquet('{out}/*/*.parquet', hive_partitioning = true)"
        return sums(connection, relation, "strftime(month::DATE, '%Y-%m')")
