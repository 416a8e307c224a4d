"""Runs each contestant in a process of its own, in turns, and writes what came of it as Markdown.

A contestant is a function ``(Case) -> dict`` that calls `timed` around the work. It is named ``module:function`` and
runs as ``python -m benchmarks.measure``, so that its peak memory is its own and nobody inherits a warm cache of
another's process. Wall time suffers from whatever else the machine does; the processor time beside it hardly does.
"""

import importlib
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

RESULTS = Path(__file__).parent / "results"
MARK = "benchmark result: "


@dataclass(frozen=True)
class Case:
    """What a contestant is given.

    Attributes:
        customers: Size of the simulated bank.
        data: Directory of its files.
        scratch: A directory of the benchmark; what a contestant writes goes below it.
        options: Anything else that can be written as JSON.
    """

    customers: int
    data: str
    scratch: str
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """One run of one contestant: seconds of the work by the wall and by the processor, peak memory of the process."""

    seconds: float
    cpu: float
    peak_mib: float
    facts: dict[str, Any]


class Failed(SystemExit):
    """A contestant ended with an error; what it said is on the screen."""


def timed(work: Callable[[], Any], cpu_seconds: Callable[[], float] = process_time, **facts: Any) -> dict[str, Any]:
    """Run the work once and return its seconds with any facts about it.

    Args:
        work: What is measured.
        cpu_seconds: The processor's clock: of this process, or `benchmarks.peers.processes.tree_cpu` with its children.
        facts: Put beside the seconds; ``peak_mib`` among them is taken instead of this process's own.
    """
    wall, cpu = perf_counter(), cpu_seconds()
    result = work()
    times = {"seconds": perf_counter() - wall, "cpu": cpu_seconds() - cpu}
    return times | facts | ({"result": result} if isinstance(result, int | float | dict) else {})


def run_once(name: str, case: Case, python: str = sys.executable, environment: Mapping[str, str] | None = None) -> Run:
    """Run a contestant in a child process; its peak memory is that child's alone.

    Args:
        name: ``module:function`` of the contestant.
        case: What it is given.
        python: The interpreter that runs it.
        environment: Set for it beside what this process has.
    """
    command = [python, "-m", "benchmarks.measure", name, json.dumps(asdict(case))]
    variables = os.environ | (environment or {})
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=variables) as child:
        assert child.stdout is not None
        said = child.stdout.read()
    if child.returncode:
        raise Failed(f"{name} failed with {child.returncode}; what it said is above")
    facts = json.loads(next(line for line in said.splitlines() if line.startswith(MARK)).removeprefix(MARK))
    return Run(facts.pop("seconds"), facts.pop("cpu"), facts.pop("peak_mib"), facts)


def in_turns(
    names: Sequence[str],
    case: Case,
    repetitions: int,
    pythons: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
    may_fail: Collection[str] = (),
) -> dict[str, list[Run]]:
    """Run contestants one after the other, again and again, so that all meet the same disturbances.

    Args:
        names: The contestants.
        case: What each is given.
        repetitions: Rounds.
        pythons: Interpreters of contestants that need another than this one.
        environment: Set for each of them.
        may_fail: Contestants that are left out from their first failure on, with no runs; the others stop everything.
    """
    runs: dict[str, list[Run]] = {name: [] for name in names}
    failed: set[str] = set()
    for repetition in range(repetitions):
        # Each round starts with another, so that nobody always runs on what his neighbour left in the cache.
        for name in [*names[repetition % len(names) :], *names[: repetition % len(names)]]:
            if name in failed:
                continue
            try:
                last = run_once(name, case, (pythons or {}).get(name, sys.executable), environment)
            except Failed as failure:
                if name not in may_fail:
                    raise
                failed.add(name)
                print(f"  {failure}", flush=True)
                continue
            runs[name].append(last)
            print(
                f"  {name} ({case.customers:,}): {last.seconds:.2f} s, cpu {last.cpu:.2f} s, {last.peak_mib:,.0f} MiB",
                flush=True,
            )
    return {name: [] if name in failed else done for name, done in runs.items()}


def typical(runs: Sequence[Run]) -> Run:
    """Medians of the repetitions; the facts are those of the last."""
    return Run(
        median(run.seconds for run in runs),
        median(run.cpu for run in runs),
        max(run.peak_mib for run in runs),
        runs[-1].facts,
    )


def ratio(ours: Sequence[Run], peer: Sequence[Run], what: Callable[[Run], float]) -> float:
    """Median over the rounds of ours by the peer's: the two of one round met the same machine."""
    return median(what(a) / what(b) for a, b in zip(ours, peer, strict=True))


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a Markdown table, the first column to the left and the others to the right."""
    lines = [header, ["---", *["--:"] * (len(header) - 1)], *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]


def machine() -> str:
    """Return what the figures were measured on, without a name."""
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    shared = ", so other work shared the machine: read the ratios, not the seconds" if load > cores + 1 else ""
    return f"{cores} cores, load average {load:.1f} at the end{shared}."


def write(name: str, lines: Sequence[str]) -> None:
    """Write a result file and show it."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


def peak_mib() -> float:
    """Return the most memory that this process has held.

    The kernel's ru_maxrss of a new process begins with its parent's; the high-water mark of Linux does not.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def main() -> None:
    module, function = sys.argv[1].split(":")
    given = Case(**json.loads(sys.argv[2]))
    figures = getattr(importlib.import_module(f"benchmarks.{module}"), function)(given)
    print(MARK + json.dumps({"peak_mib": peak_mib()} | figures), flush=True)


if __name__ == "__main__":
    main()
