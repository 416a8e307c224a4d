"""SQLMesh: two models, incremental by time range, on DuckDB; a plan for the first load, a run for the next day."""

import shutil
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.measure import Case
from benchmarks.peers.state import MEMORY, THREADS, every_row, fresh_state, measured, next_state, spending

MODELS = Path(__file__).with_name("sqlmesh") / "models"


def first(case: Case) -> dict[str, Any]:
    return refresh(case, fresh_state(case, "sums-sqlmesh"), is_first=True)


def next_day(case: Case) -> dict[str, Any]:
    return refresh(case, next_state(case, "sums-sqlmesh"), is_first=False)


def refresh(case: Case, place: Path, is_first: bool) -> dict[str, Any]:
    """Bring both models up to the business date, and read back what they hold."""
    start = perf_counter()
    import sqlmesh
    from sqlmesh import Context

    database = place / "spending.duckdb"
    settings = configuration(case, database)
    shutil.copytree(MODELS, place / "models", dirs_exist_ok=True)
    # At midnight after the business date, which is then complete; its month is not.
    now = date.fromisoformat(case.options["as_of"]) + timedelta(days=1)

    def work() -> None:
        context = Context(paths=str(place), config=settings)
        if is_first:  # a plan sums whole months alone; the run fills them and the open one
            context.plan(auto_apply=True, no_prompts=True, skip_backfill=True, execution_time=now.isoformat())
        context.run(execution_time=now.isoformat(), ignore_cron=True)
        context.close()

    figures = measured(work, start, version=sqlmesh.__version__)
    return figures | {"sums": spending(database)}


def configuration(case: Case, database: Path) -> Any:
    from sqlmesh.core.config import Config, DuckDBConnectionConfig, GatewayConfig, ModelDefaultsConfig

    limits = {
        "memory_limit": MEMORY,
        "threads": THREADS,
        "temp_directory": str(database.with_name("tmp")),
        "preserve_insertion_order": False,
    }
    return Config(
        gateways={
            "local": GatewayConfig(
                connection=DuckDBConnectionConfig(database=str(database), connector_config=limits),
                variables={"rows": every_row(case)},
            )
        },
        model_defaults=ModelDefaultsConfig(dialect="duckdb"),
        disable_anonymized_analytics=True,
    )
