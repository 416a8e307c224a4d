"""What a night on a cluster goes through: ``python -m benchmarks cluster-faults``; about half an hour.

PostgreSQL holds the catalog, an object store the files, a Dask scheduler has two workers, all of them processes of
their own on this machine. Each fault meets the second night of the same bank. What fails is run again; then all
tables are compared with those of one process, and a maintenance has to leave no orphan and every file.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

import flows.maintain
from benchmarks.cluster_demo import checksums, dask_cluster, microseg
from benchmarks.cluster_house import SECOND, House, house, names, restore
from benchmarks.fault_moments import FAULTS, WORKER_KEY, Fault, Night
from benchmarks.measure import machine, table, write
from flows.cli import main
from tests.support.object_store import KEY
from warehouse.engines import close_idle

LATER = timedelta(hours=8)  # by then no run can be at what was left
# A worker that stands still is given up after so long.
IMPATIENT = {"DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "15s"}


@dataclass
class Outcome:
    """What became of a night with a fault."""

    fault: Fault
    first: int = 0
    happened: bool = False
    line: str = ""
    seconds: float = 0.0
    again: int | None = None
    refused: int = 0
    different: list[str] = field(default_factory=list)
    orphans: int = 0
    left: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether the fault met the night, which went on or failed in one line, and nothing is wrong in the end."""
        is_met = self.happened or self.fault.name == "none"
        healed = self.again in (None, 0) and "\n" not in self.line
        return is_met and healed and not self.different and not self.left


def bench(names: Sequence[str] = ()) -> None:
    """Run the second night with every fault and write results/cluster-faults.md."""
    chosen = [fault for fault in FAULTS if not names or any(name in fault.name for name in names)]
    with TemporaryDirectory(prefix="microseg-faults-") as folder, house(Path(folder)) as all_:
        seconds, moved = quiet_night(all_)
        outcomes = [trial(all_, fault) for fault in chosen]
    write("cluster-faults", report(outcomes, seconds, moved))
    if not all(outcome.is_good for outcome in outcomes):
        raise SystemExit("not every fault was survived")


def quiet_night(house: House) -> tuple[float, dict[str, int]]:
    """Run the second night undisturbed; return its seconds and the bytes of the store by who asked."""
    house.store.moved.clear()
    outcome = trial(house, Fault("none", lambda _: None))
    if not outcome.is_good or outcome.first:
        raise SystemExit(f"the undisturbed night failed: {outcome}")
    return outcome.seconds, {name: house.store.moved[key] for name, key in (("flow", KEY), ("workers", WORKER_KEY))}


def trial(house: House, fault: Fault) -> Outcome:
    """Run the second night with a fault, and again where it failed; compare, maintain, and look at what is left."""
    restore(house)
    outcome = Outcome(fault)
    began, house.store.refused = monotonic(), 0
    outcome.first, outcome.line, outcome.happened = attempt(house, fault)
    if outcome.first:
        outcome.again, _, _ = attempt(house, None)
    outcome.seconds, outcome.refused = monotonic() - began, house.store.refused
    tables = checksums(house.environment)
    close_idle()
    outcome.different = [name for name, pair in house.after.items() if tables.get(name) != pair]
    there, known = names(house)
    outcome.orphans = len(there - known)
    outcome.left = maintained(house)
    print(f"  {fault.name}: {ended(outcome)} after {outcome.seconds:.0f} s, {'good' if outcome.is_good else outcome}")
    print(f"    {outcome.line}", flush=True)
    return outcome


def attempt(house: House, fault: Fault | None) -> tuple[int, str, bool]:
    """Run the second night on a cluster of its own; return how it ended, what it said, and whether the fault met it."""
    others = house.environment | {"MICROSEG_S3_KEY_ID": WORKER_KEY} | IMPATIENT
    with dask_cluster(house.place, others) as cluster_, (house.place / "said").open("w+b") as said:
        environment = os.environ | house.environment | cluster_
        command = [*microseg(), "run", "--quiet", "--as-of", SECOND.isoformat()]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=said)
        port = int(cluster_["MICROSEG_DASK_ADDRESS"].rpartition(":")[2])
        night = Night(process, house.store, house.postgres, house.dsn, port)
        try:
            if fault:
                fault.arrange(night)
            code = process.wait(600)
        finally:
            process.kill()
            night.end()
        said.seek(0)
        return code, said.read().decode().strip(), night.happened


def maintained(house: House) -> list[str]:
    """Let a maintenance go over it when nobody can be at work any more; return what is wrong afterwards."""
    environment = os.environ | house.environment
    code = "from benchmarks.cluster_faults import maintain_later; maintain_later()"
    done = subprocess.run([sys.executable, "-c", code], env=environment, check=False, capture_output=True, text=True)
    wrong = [f"maintenance: {done.stderr.strip()}"] if done.returncode else []
    there, known = names(house)
    return wrong + [f"orphan {name}" for name in sorted(there - known)] + [f"missing {name}" for name in known - there]


def maintain_later() -> None:
    """Do what ``microseg maintain`` does, some hours from now."""

    class Later(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Later":
            return cls.fromtimestamp((datetime.now(tz) + LATER).timestamp(), tz)

    flows.maintain.datetime = Later  # type: ignore[attr-defined]
    raise SystemExit(main(["maintain"]))


def report(outcomes: Sequence[Outcome], seconds: float, moved: dict[str, int]) -> list[str]:
    rows = [
        [
            outcome.fault.name,
            ended(outcome),
            f"{outcome.seconds:.0f}",
            "same" if not outcome.different else f"DIFFERENT: {', '.join(outcome.different)}",
            str(outcome.orphans),
            "; ".join(outcome.left) or "none",
        ]
        for outcome in outcomes
    ]
    heads = ["fault", "the night", "seconds, with the next", "tables", "orphans before", "after the maintenance"]
    said = sorted({outcome.line for outcome in outcomes if outcome.line})
    return [
        "# Faults of a cluster",
        "",
        "`python -m benchmarks cluster-faults`: 1,000 simulated customers over a year, the second night (three months",
        "of rows), on PostgreSQL, an object store and a Dask cluster of two workers, all on one machine. What failed",
        "was run again; tables are compared by checksum with those of one process without a cluster.",
        "",
        f"Undisturbed: {seconds:.0f} s. Through the object store, in MB: "
        + ", ".join(f"{name} {count / 1e6:.1f}" for name, count in moved.items())
        + ".",
        "",
        *table(heads, rows),
        "",
        "What the nights that failed said, a line each:",
        "",
        *(f"- `{line}`" for line in said),
        "",
        machine(),
    ]


def ended(outcome: Outcome) -> str:
    if not outcome.happened:
        return "NOT MET"
    if not outcome.first:
        return "went on"
    if outcome.again:
        return "FAILED TWICE"
    told = "FAILED IN MANY LINES" if "\n" in outcome.line else "failed in one line"
    return f"{'killed' if outcome.first == -signal.SIGKILL else told}, the next healed"
