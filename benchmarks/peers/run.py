"""Runs the peers beside ours, size by size, and writes results/peers.md."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from benchmarks.homes import bank_files
from benchmarks.measure import Case, Run, in_turns, run_once, write
from benchmarks.nights import FIRST, NEXT, deliver, deliver_first
from benchmarks.peers import contestants as who
from benchmarks.peers.contestants import Job, interpreter
from benchmarks.peers.report import job_rows, page
from benchmarks.peers.state import ENVIRONMENT

REPEATED = 5_000  # larger banks take minutes, and hardly vary
# Sequences of all bookings are held in pandas; the largest bank would need more memory than the machine has.
MOST_SEQUENCES = 10_000


class Arena:
    """A bank's folders: the source that both sides read, the rows that ours wrote of it, and everybody's state."""

    def __init__(self, customers: int, cache: Path) -> None:
        self.customers, self.bank = customers, bank_files(customers, cache)
        self.folder = cache / f"peers-{customers}"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.source, self.rows, self.state = (self.folder / name for name in ("source", "rows", "state"))
        deliver_first(self.bank, self.source)
        self.as_of = FIRST

    def case(self) -> Case:
        folders = {"source": self.source, "rows": self.rows, "state": self.state}
        options = {name: str(path) for name, path in folders.items()} | {"as_of": self.as_of.isoformat()}
        return Case(self.customers, str(self.bank), str(self.folder), options)

    def show_rows(self, home: str) -> None:
        """Let the peers read the rows of one of our lakes, always by the same name: a path is part of their models."""
        self.rows.unlink(missing_ok=True)
        self.rows.symlink_to(self.state / home / "data" / "raw" / "transactions")

    def deliver_day(self) -> None:
        deliver("day", self.bank, self.source)
        self.as_of = NEXT


def bench(sizes: Sequence[int], cache: Path, repetitions: int, peers: Path | None) -> None:
    """Measure every size and write results/peers.md.

    Args:
        sizes: Customers of each bank.
        cache: For banks, and what is made of them.
        repetitions: Rounds of banks that are not large.
        peers: The folder of the peers' virtual environments; without it there is only ours.
    """
    rows = []
    for customers in sizes:
        arena = Arena(customers, cache)
        figures = all_jobs(arena, repetitions if customers < REPEATED else 1, peers)
        rows += [row for job, runs in figures for row in job_rows(customers, job, runs, peers)]
        shutil.rmtree(arena.folder)
    write("peers", page(rows))


def all_jobs(arena: Arena, repetitions: int, peers: Path | None) -> list[tuple[Job, dict[str, list[Run]]]]:
    """Run the jobs: all files, what follows from them, one new day, what follows from that; then features of before."""
    figures: list[tuple[Job, dict[str, list[Run]]]] = []

    def run(*jobs: Job) -> None:
        figures.extend((job, run_job(job, arena.case(), repetitions, peers)) for job in jobs)

    run(who.LOAD_FIRST)
    arena.show_rows("load-ours")
    run(who.MONTHS_FIRST, who.SUMS_FIRST)
    arena.deliver_day()
    run(who.LOAD_NEXT)
    run_once("peers.ours:deliver", arena.case(), environment=ENVIRONMENT)
    arena.show_rows("sums-ours-loaded")
    run(who.MONTHS_NEXT, who.SUMS_NEXT)
    arena.as_of = FIRST
    arena.show_rows("load-ours")
    run(who.FEATURES)
    return figures


def run_job(job: Job, case: Case, repetitions: int, peers: Path | None) -> dict[str, list[Run]]:
    """Run ours and the peers that are there in turns; return their runs by function, none where a peer failed."""
    pythons = {peer.function: python for peer in job.peers if (python := interpreter(peer, peers))}
    if job is who.FEATURES and case.customers > MOST_SEQUENCES:
        pythons = {}
    names = [job.ours.function, *pythons]
    rounds = 1 if job is who.FEATURES else repetitions  # training takes minutes
    return in_turns(names, case, rounds, pythons, ENVIRONMENT, may_fail=pythons)
