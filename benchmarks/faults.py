"""What a served night goes through: ``python -m benchmarks.faults``; the result goes to benchmarks/results/faults.md.

First tests/flows/served_faults.py (alarms, a killed run, a server that dies, SIGTERM in mid-run), which takes four
minutes, too long for `make test`; then a run that dies with its worker, with the real 90 seconds of silence.
"""

import os
import platform
import signal
import tempfile
from pathlib import Path
from time import monotonic

import pytest

from tests.flows.banks import new_bank
from tests.flows.served import Served, served

RESULT = Path(__file__).with_name("results") / "faults.md"
FAULTS = Path(__file__).resolve().parents[1] / "tests" / "flows" / "served_faults.py"
NIGHTS = ("2025-10-31", "2025-11-30")
SUBJECT = "microseg: A run failed or crashed."


def main() -> None:
    if pytest.main(["-q", str(FAULTS)]) != pytest.ExitCode.OK:
        raise SystemExit("a fault was not survived; nothing was written")
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        bank = new_bank(Path(folder))
        bank.enter(patch)
        with served(bank) as up:
            up.await_state(up.start("nightly", as_of=NIGHTS[0]), "Completed", seconds=300)
            told, next_one = zombie(up)
            journal = bank.rows("SELECT as_of::VARCHAR, status FROM ops.runs ORDER BY rowid")
    RESULT.write_text(report(told, next_one, journal), encoding="utf-8")


def zombie(up: Served) -> tuple[float, float]:
    """Kill a run and its worker at once; return the seconds until the alarm, and until the next run was complete."""
    earlier = up.runs()
    run = up.start("nightly", as_of=NIGHTS[1])
    up.await_work(earlier)
    waiting = up.start("nightly", as_of=NIGHTS[1])
    killed = [up.child("worker start"), up.child("prefect.engine")]
    began = monotonic()
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    up.receiver.await_alarms({SUBJECT: run}, seconds=400)
    told = monotonic() - began
    up.await_state(run, "Crashed", seconds=30)
    up.await_state(waiting, "Completed", seconds=300)
    return told, monotonic() - began


def report(told: float, next_one: float, journal: list[tuple[object, ...]]) -> str:
    lines = [
        "# Faults",
        "",
        "tests/flows/served_faults.py passed: late and silent runs are told of, a killed run gives its slot to the",
        "next, a night survives its server, of two at once the second waits, SIGTERM in mid-run leaves whole tables.",
        "",
        "## A run and its worker killed at once (SIGKILL)",
        "",
        f"{platform.system()}, {os.cpu_count()} cores; a heartbeat every 30 seconds, the alarm after 90 without one.",
        "",
        "| after | what |",
        "|---:|---|",
        "| 0 s | a nightly run in the middle of its work and its worker are killed; another run waits for the slot |",
        f"| {told:.0f} s | the alarm `run failed` is at the receiver, the run is marked crashed |",
        f"| {next_one:.0f} s | the run that waited is complete, by the worker that `microseg up` started anew |",
        "",
        "ops.runs in the end: " + ", ".join(f"{as_of} {status}" for as_of, status in journal) + ".",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
