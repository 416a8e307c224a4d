"""Kills runs at random moments, runs them again, and compares: ``python -m benchmarks.kills [--kills 200] [--seed 0]``.

Each trial starts from the home as a night, a backfill, a retraining or a roll-back would find it, runs the command as a
user types it, and kills it at a random moment between its start and its usual end: the whole process group, or the
main process alone. Then the command is run again, and every table is compared with those of the undisturbed run;
nothing may be left behind. Readers ask for the published segments all the while.
The result goes to benchmarks/results/kills.md.
"""

import argparse
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep

import psutil
import pytest

from tests.flows.banks import Bank, new_bank
from tests.flows.invariants import leftovers
from tests.support.checksums import NOT_CONTENT, table_checksums
from warehouse.connection import connect
from warehouse.engines import close_idle
from warehouse.settings import Settings

RESULT = Path(__file__).with_name("results") / "kills.md"
MICROSEG = Path(sys.executable).with_name("microseg")
FIRST = ("run", "--as-of", "2025-10-31")
LOAD = "LOAD"  # stands for the load of the newest month
STEPS = (
    ("run", "--as-of", "2025-11-30"),
    ("run", "--as-of", "2026-02-28"),  # two months without rows: the gate of freshness closes
    ("backfill", "2025-08-31", "2025-09-30", "--for-real"),
    ("retrain", "--promote", "force"),
    ("rollback",),
    ("withdraw", LOAD),
    ("run", "--as-of", "2025-10-31"),  # without its rows November would be silent
    ("withdraw", LOAD, "--undo"),
    ("run", "--as-of", "2025-11-30"),
)
CLOSED = STEPS[1]
MOMENTS = frozenset({"created_at", "decided_at"})  # of a model, and of a decision on it
READERS = 20
PAUSE_SECONDS = 2.0
SERVER_SECONDS = 30  # a server that lost its command looks for it twice a second, and ends in order
Checksums = dict[str, tuple[int, int]]


@dataclass
class Step:
    """A command with the home that it finds, how long it takes, and the tables that it leaves."""

    command: tuple[str, ...]
    before: Path
    seconds: float
    after: Checksums


@dataclass
class Tally:
    """What came of all trials."""

    trials: list[tuple[str, str, float]] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)
    reads: int = 0
    failed_reads: list[str] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=600, help="begin no kill later than that after the first")
    options = parser.parse_args()
    tally, chance = Tally(), random.Random(options.seed)  # noqa: S311 - moments, not secrets
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        bank = new_bank(Path(folder) / "bank")
        bank.enter(patch)
        steps = undisturbed(bank)
        end, told = monotonic() + 60 * options.minutes, set[str]()
        while len(tally.trials) < options.kills and monotonic() < end:
            if trial(bank, chance.choice(steps), chance, tally):
                print(f"{len(tally.trials)} of {options.kills}: {tally.trials[-1]}", flush=True)
            print_news(tally, told)
    text = report(options.seed, tally)
    RESULT.write_text(text, encoding="utf-8")
    print(text)


def print_news(tally: Tally, told: set[str]) -> None:
    """Say what is wrong as soon as it is seen."""
    for line in (*tally.differences, *tally.leftovers, *tally.failed_reads):
        if line not in told:
            print(f"  {line}", flush=True)
            told.add(line)


def undisturbed(bank: Bank) -> list[Step]:
    """Run all commands once, and keep the home before each."""
    home, steps = bank.root / "home", []
    microseg(FIRST)
    for number, command in enumerate(STEPS):
        before = bank.root / f"before-{number}"
        shutil.copytree(home, before, symlinks=True)
        began = monotonic()
        microseg(command)
        steps.append(Step(command, before, monotonic() - began, checksums()))
    return steps


def trial(bank: Bank, step: Step, chance: random.Random, tally: Tally) -> bool:
    """Kill a command at a random moment, run it again, and compare; tell whether it was at work then, and had to be."""
    home = bank.root / "home"
    shutil.rmtree(home)
    shutil.copytree(step.before, home, symlinks=True)
    whole_group, moment = chance.random() < 0.5, chance.uniform(0, step.seconds)
    over = Event()
    readers = [Thread(target=read, args=(over, tally, number % 2 == 0)) for number in range(READERS)]
    for reader in readers:
        reader.start()
    try:
        began = datetime.now(UTC)
        killed = kill_in(step.command, moment, whole_group) and not is_over(step.command, began)
        if killed:
            microseg(step.command)
    finally:
        over.set()
        for reader in readers:
            reader.join()
    name = f"{step.command[0]} killed after {moment:.1f} s"
    left, expected = checksums(), step.after
    close_idle()  # our own spill folder is no leftover
    tally.differences += [f"{name}: {table}" for table in expected if left.get(table) != expected[table]]
    if killed:
        tally.leftovers += [f"{name}: {what}" for what in leftovers(home)]
        tally.trials.append((step.command[0], "group" if whole_group else "main process", moment))
    return killed


def is_over(command: tuple[str, ...], began: datetime) -> bool:
    """Whether the journal calls the run a success: nobody would give the order again; `retrain` would train anew."""
    text = "SELECT count(*) > 0 FROM ops.runs WHERE flow = $1 AND status = 'succeeded' AND started_at >= $2"
    with connect(Settings(), read_only=True) as connection:
        return bool(connection.execute(text, [command[0], began]).fetchall()[0][0])


def microseg(command: tuple[str, ...]) -> None:
    done = subprocess.run([MICROSEG, *spelled_out(command)], capture_output=True, text=True, check=False)
    if done.returncode != (command == CLOSED):
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr}")


def spelled_out(command: tuple[str, ...]) -> list[str]:
    """Put the id of the newest month's load in its place; no run changes it."""
    if LOAD not in command:
        return list(command)
    with connect(Settings(), read_only=True) as connection:
        row = connection.execute("SELECT load_id FROM raw.loads ORDER BY source DESC LIMIT 1").fetchone()
    assert row is not None
    return [row[0] if word == LOAD else word for word in command]


def kill_in(command: tuple[str, ...], seconds: float, whole_group: bool) -> bool:
    """Start a command, kill it if it still runs, and wait until what it started has noticed; tell whether it ran."""
    process = subprocess.Popen(
        [MICROSEG, *spelled_out(command)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    sleep(seconds)
    is_running = process.poll() is None
    children = psutil.Process(process.pid).children(recursive=True) if is_running else []
    if whole_group:
        for child in children:  # its server has a session of its own
            child.kill()
    process.kill()
    process.wait()
    alive = psutil.wait_procs(children, SERVER_SECONDS)[1]
    if alive:
        raise SystemExit(f"{len(alive)} processes outlived their command")
    return is_running


def checksums() -> Checksums:
    with connect(Settings(), read_only=True) as connection:
        return table_checksums(connection, ("raw", "spend", "features", "models", "segments"), NOT_CONTENT | MOMENTS)


def read(over: Event, tally: Tally, anew: bool) -> None:
    """Ask again and again what is published, anew or through one connection: one date, one model, nobody twice."""
    text = (
        "SELECT count(DISTINCT as_of), count(DISTINCT model_version), count(*) - count(DISTINCT customer_key), "
        "count(*) FROM segments.current"
    )
    while not over.is_set():
        try:
            with connect(Settings(), read_only=True) as connection:
                while not over.is_set():
                    row = connection.execute(text).fetchone()
                    tally.reads += 1
                    if row is None or row[:3] != (1, 1, 0) or not row[3]:
                        tally.failed_reads.append(f"torn: {row}")
                    over.wait(PAUSE_SECONDS)
                    if anew:
                        break
        except Exception as error:  # noqa: BLE001 - whatever a reader meets is the result
            tally.failed_reads.append(f"{type(error).__name__}: {str(error)[:200]}")
            over.wait(PAUSE_SECONDS)


def report(seed: int, tally: Tally) -> str:
    counts = {name: sum(trial[0] == name for trial in tally.trials) for name in sorted({step[0] for step in STEPS})}
    groups = sum(how == "group" for _, how, _ in tally.trials)
    lines = [
        "# Kills",
        "",
        f"`python -m benchmarks.kills --kills {len(tally.trials)} --seed {seed}` on {platform.system()}, "
        f"{os.cpu_count()} cores; a simulated bank of 120 customers with all gates.",
        "",
        f"| | |\n|---|--:|\n| kills | {len(tally.trials)} |",
        *(f"| of these: {name} | {count} |" for name, count in counts.items()),
        f"| whole process group | {groups} |",
        f"| main process alone | {len(tally.trials) - groups} |",
        f"| tables that differ from the undisturbed run | {len(tally.differences)} |",
        f"| things left behind | {len(tally.leftovers)} |",
        f"| reads by {READERS} readers meanwhile | {tally.reads:,} |",
        f"| reads that failed or were torn | {len(tally.failed_reads)} |",
        *(f"\n{line}" for line in (*tally.differences, *tally.leftovers, *sorted(set(tally.failed_reads)))),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
