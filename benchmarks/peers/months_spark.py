"""PySpark in one process: sums by month over everything, then only the partition of the month that a day changed.

A JVM does the work, so processor time and memory are those of this process with its children.
"""

import shutil
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.measure import Case, timed
from benchmarks.peers.processes import tree_cpu, tree_peak_mib
from benchmarks.peers.state import MEMORY, THREADS, fresh_state, next_state, seconds_since, sums

KINDS = ("spend", "refund", "fee", "unclassified")
CONFIGURATION = {
    "spark.driver.memory": MEMORY.removesuffix("iB").lower(),
    "spark.sql.shuffle.partitions": str(4 * THREADS),  # 200 unless told: for a cluster
    "spark.sql.sources.partitionOverwriteMode": "dynamic",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}


def first(case: Case) -> dict[str, Any]:
    return refresh(case, fresh_state(case, "months-spark"), "")


def next_day(case: Case) -> dict[str, Any]:
    return refresh(case, next_state(case, "months-spark"), f"{case.options['as_of'][:7]}-01")


def refresh(case: Case, place: Path, since: str) -> dict[str, Any]:
    """Sum the months from a first day on into Parquet partitioned by month, and read back what is there."""
    start = perf_counter()
    spark = session(place)
    started, out = seconds_since(start), place / "monthly"

    def work() -> None:
        from pyspark.sql import functions as f

        rows = spark.read.parquet(case.options["rows"]).where(f.col("kind").isin(*KINDS))
        rows = rows.where(f.col("booked_on") >= f.lit(since).cast("date")) if since else rows
        month = f.trunc("booked_on", "month").alias("month")
        grouped = rows.groupBy("customer_key", month, "class_id")
        added = grouped.agg(f.sum("amount").alias("amount"), f.count("*").alias("transactions"))
        added.repartition(4 * THREADS, "month").write.mode("overwrite").partitionBy("month").parquet(str(out))

    figures = timed(work, tree_cpu, start=started, version=spark.version)
    figures["peak_mib"] = tree_peak_mib()
    spark.stop()
    return figures | {"sums": {"months": read_back(out)}}


def session(place: Path) -> Any:
    from pyspark.sql import SparkSession

    settings = CONFIGURATION | {"spark.local.dir": str(place / "tmp"), "spark.sql.warehouse.dir": str(place / "warehouse")}
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
