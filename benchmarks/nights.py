"""What a night costs stage by stage: the first on an empty warehouse, and one with nothing new."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.homes import AS_OF, bank_files
from benchmarks.measure import Case, machine, run_once, table, write


def nights(case: Case) -> dict[str, Any]:
    """Run the nightly flow twice on one home, as a user would; return the journal's seconds and rows."""
    from warehouse.connection import connect
    from warehouse.settings import Settings

    home = Path(case.scratch) / "nights"
    shutil.rmtree(home, ignore_errors=True)
    environment = os.environ | {"MICROSEG_HOME": str(home)}
    command = [str(Path(sys.executable).with_name("microseg")), "run", "--reference", "bank", "--as-of", str(AS_OF)]
    for _ in range(2):
        subprocess.run(
            [*command, "--source", f"{case.data}/transactions-*.parquet"],
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
    with connect(Settings(home=home, source="", catalog="", data_path="", reference="bank"), read_only=True) as lake:
        rows = lake.execute("SELECT stages FROM ops.runs ORDER BY started_at").fetchall()
    shutil.rmtree(home)
    return {"seconds": 0.0, "cpu": 0.0, "nights": [json.loads(stages) for (stages,) in rows]}


def bench(sizes: Sequence[int], cache: Path) -> None:
    """Measure every size and write results/nights.md."""
    lines = ["# Nights", "", "Seconds by stage, from the journal ops.runs; Prefect's own start is not in them."]
    for customers in sizes:
        case = Case(customers, str(bank_files(customers, cache)), str(cache))
        first, again = run_once("nights:nights", case).facts["nights"]
        rows = [
            [one["stage"], f"{one['seconds']:.1f}", f"{two['seconds']:.1f}"]
            for one, two in zip(first, again, strict=True)
        ]
        rows.append(["all", *(f"{sum(stage['seconds'] for stage in night):.1f}" for night in (first, again))])
        lines += [
            "",
            f"## {customers:,} customers x 6 years",
            "",
            *table(["stage", "first night", "nothing new"], rows),
        ]
    write("nights", [*lines, "", machine()])
