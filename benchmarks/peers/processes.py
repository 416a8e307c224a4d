"""Processor time and memory of this process with its descendants: a JVM's work is Spark's work. Linux's /proc."""

import os
from collections.abc import Iterator
from pathlib import Path
from time import process_time
from typing import NamedTuple

from benchmarks.measure import peak_mib

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")


class Process(NamedTuple):
    """A process, its parent, and the processor seconds of it and of those of its children that have ended."""

    number: int
    parent: int
    cpu: float


def read_stat(text: str) -> Process:
    """Read a line of /proc/PID/stat; the name in brackets may hold spaces and brackets.

    >>> read_stat("7 (a) b) S 3 0 0 0 0 0 0 0 0 0 100 50 25 25").parent
    3
    """
    head, _, tail = text.rpartition(")")
    fields = tail.split()
    return Process(int(head.split()[0]), int(fields[1]), sum(map(int, fields[11:15])) / TICKS)


def descendants() -> list[Process]:
    """Return the living processes that this one has started, their own children among them."""
    children: dict[int, list[Process]] = {}
    for process in _all_processes():
        children.setdefault(process.parent, []).append(process)
    family = list(children.get(os.getpid(), []))
    for process in family:
        family += children.get(process.number, [])
    return family


def _all_processes() -> Iterator[Process]:
    for path in PROC.glob("[0-9]*/stat"):
        try:
            yield read_stat(path.read_text(encoding="utf-8", errors="replace"))
        except OSError:
            continue  # it has just ended


def tree_cpu() -> float:
    """Return processor seconds of this process, of its living descendants and of the children it has waited for."""
    waited = os.times()
    return (
        process_time() + waited.children_user + waited.children_system + sum(process.cpu for process in descendants())
    )


def tree_peak_mib() -> float:
    """Return the sum of the high-water marks of this process and its living descendants: at least what they held."""
    return peak_mib() + sum(_high_water_mib(process.number) for process in descendants())


def _high_water_mib(process: int) -> float:
    try:
        lines = (PROC / str(process) / "status").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return 0.0  # it has just ended
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024
