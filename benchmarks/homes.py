"""Warehouses and simulated banks for the benchmarks, made when absent and copied for each run that changes them."""

import json
import os
import shutil
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.measure import Case, run_once, timed
from tasks.intake.ingest import LoadContext, ingest_sources
from tasks.simulator.simulate import simulate
from tasks.spending.aggregate import refresh_monthly
from warehouse.connection import connect
from warehouse.migrations import migrate
from warehouse.reference.sets import load_reference
from warehouse.reference.tables import apply_reference
from warehouse.settings import Settings

YEARS = 6
AS_OF = date(2025, 12, 31)
RECEIVED_ON = date(2026, 1, 1)
DONE = "complete"


def bank_files(customers: int, cache: Path) -> Path:
    """Return the directory of a simulated bank of six years; the same files every time."""
    out = cache / f"bank-{customers}"
    if not _complete(out / "simulation.json"):
        print(f"simulating {customers:,} customers x {YEARS} years into {out} ...", flush=True)
        simulate(customers, YEARS, 1, out)
    return out


def _complete(description: Path) -> bool:
    return description.is_file() and bool(json.loads(description.read_text(encoding="utf-8")).get("complete"))


def files_of(data: str | Path) -> list[Path]:
    """Return the month files of a bank in order."""
    return sorted(Path(data).glob("transactions-*.parquet"))


def fresh_home(place: Path) -> Settings:
    """Return the settings of an empty warehouse with schema and reference tables."""
    shutil.rmtree(place, ignore_errors=True)
    settings = Settings(home=place, source="", catalog="", data_path="", reference="bank")
    with connect(settings) as connection:
        migrate(connection)
        apply_reference(connection, load_reference("bank"))
    return settings


def context_of(settings: Settings) -> LoadContext:
    return LoadContext(settings, load_reference("bank"), "benchmark", RECEIVED_ON)


def ingest_all(case: Case) -> dict[str, Any]:
    """Fill the warehouse that `ingested_home` names."""
    settings = fresh_home(ingested_home(case))
    measured = timed(lambda: ingest_sources(context_of(settings), [f"{case.data}/transactions-*.parquet"]).accepted)
    (settings.home / DONE).touch()
    return measured


def ingested_home(case: Case) -> Path:
    """Return the place of the warehouse that holds the whole bank."""
    return Path(case.scratch) / f"ingested-{case.customers}"


def sum_months(case: Case) -> dict[str, Any]:
    """Fill the warehouse that `monthly_home` names."""
    settings = copied_home(ingested_home(case), monthly_home(case))
    measured = timed(lambda: refresh_monthly(settings))
    (settings.home / f"summed-{DONE}").touch()
    return measured


def monthly_home(case: Case) -> Path:
    """Return the place of the warehouse that holds the bank and its monthly sums."""
    return Path(case.scratch) / f"monthly-{case.customers}"


def prepare_homes(case: Case) -> None:
    """Make both warehouses where they are absent, in processes of their own."""
    if not (ingested_home(case) / DONE).exists():
        run_once("homes:ingest_all", case)
    if not (monthly_home(case) / f"summed-{DONE}").exists():
        run_once("homes:sum_months", case)


def copied_home(template: Path, place: Path) -> Settings:
    """Return a copy of a warehouse; its data files, which nobody ever changes, are shared by hard links."""
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(template, place, ignore=shutil.ignore_patterns("data", "tmp"))
    shutil.copytree(template / "data", place / "data", copy_function=os.link)
    return Settings(home=place, source="", catalog="", data_path="", reference="bank")
