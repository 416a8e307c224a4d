"""dlt loads the files into DuckDB: merged on the transaction's id, columns and types frozen, new files only.

As its documentation recommends: record batches of Arrow rather than Python rows, files by their date of modification,
an upsert where the key is unique in what is new.
"""

from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.measure import Case
from benchmarks.peers.state import MEMORY, THREADS, fresh_state, measured, next_state, sums

TABLE = "bank.transactions"
BATCH = 100_000  # rows; the default of 1,000 is for Python rows
COLUMNS = {
    "transaction_id": {"data_type": "text", "nullable": False},
    "customer_id": {"data_type": "text", "nullable": False},
    "booked_at": {"data_type": "timestamp", "timezone": False, "nullable": False},
    "amount": {"data_type": "decimal", "precision": 18, "scale": 2, "nullable": False},
    "currency": {"data_type": "text"},
    "source_code": {"data_type": "text"},
}


def first(case: Case) -> dict[str, Any]:
    return load(case, fresh_state(case, "load-dlt"))


def next_day(case: Case) -> dict[str, Any]:
    return load(case, next_state(case, "load-dlt"))


def load(case: Case, place: Path) -> dict[str, Any]:
    """Run the pipeline on what is new in the source, and read back what the table then holds."""
    start = perf_counter()
    import dlt
    import duckdb
    from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials
    from dlt.sources.filesystem import filesystem, read_parquet

    database = place / "loaded.duckdb"
    dlt.config["load.workers"] = THREADS
    credentials = DuckDbCredentials(str(database))
    credentials.global_config = {
        "memory_limit": MEMORY,
        "threads": THREADS,
        "temp_directory": str(place / "tmp"),
        "preserve_insertion_order": False,
    }

    def work() -> None:
        files = filesystem(Path(case.options["source"]).as_uri(), file_glob="*.parquet")
        files.apply_hints(incremental=dlt.sources.incremental("modification_date"))
        rows = (files | read_parquet(chunksize=BATCH, use_pyarrow=True)).with_name("transactions")
        rows.apply_hints(
            write_disposition={"disposition": "merge", "strategy": "upsert"},
            primary_key="transaction_id",
            columns=COLUMNS,
            schema_contract={"tables": "evolve", "columns": "freeze", "data_type": "freeze"},
        )
        pipeline = dlt.pipeline(
            "bank", pipelines_dir=str(place), destination=dlt.destinations.duckdb(credentials), dataset_name="bank"
        )
        pipeline.run(rows).raise_on_failed_jobs()

    figures = measured(work, start, version=dlt.__version__)
    with duckdb.connect(str(database)) as connection:
        # Money out is negative in the source, and positive in our table.
        return figures | {"sums": {"rows": sums(connection, TABLE, "strftime(booked_at, '%Y-%m')", "-amount")}}
