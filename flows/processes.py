"""Prefect's processes as children: each with a log of its own, ended in order and with all that they started."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

from warehouse.errors import MicrosegError

# A run that is stopped records its end first.
GRACE_SECONDS = 45
# What a signal raises may be swallowed by a library that is being imported just then.
REQUESTS = 3
PROCESSES = Path("/proc")


class SetupError(MicrosegError):
    """The server, the deployments or the worker did not come up."""


@dataclass
class Child:
    """A process of ours, with its own process group and its log in a file."""

    name: str
    arguments: list[str]
    log: Path
    process: subprocess.Popen[bytes] = field(init=False)

    def __enter__(self) -> "Child":
        """Start it."""
        self.start()
        return self

    def start(self) -> None:
        """Start it, or start it again; a group of its own, so that Ctrl-C reaches it through us alone, and in order."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "prefect", "--no-prompt", *self.arguments]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)  # noqa: S603

    def __exit__(self, *_: object) -> None:
        """Ask the runs that it started to end, then itself, then end whatever is left of them."""
        runs = descendants(self.process.pid)
        if self.process.poll() is None:
            # A worker that ends kills its runs at once; asked first, they record how they ended.
            for _request in range(REQUESTS):
                for pid in runs:
                    send(os.kill, pid, signal.SIGTERM)
                await_end(runs, GRACE_SECONDS / REQUESTS)
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
        send(os.killpg, self.process.pid, signal.SIGKILL)
        for pid in runs:
            send(os.kill, pid, signal.SIGKILL)

    @property
    def ended(self) -> bool:
        """Whether it has ended by itself."""
        return self.process.poll() is not None

    def check(self) -> None:
        """Raise when it has ended by itself."""
        if self.ended:
            raise SetupError(f"the {self.name} ended with code {self.process.returncode}; its log is {self.log}")


def descendants(pid: int) -> list[int]:
    """Return the processes below one, parents first; none where the system has no /proc.

    A worker gives each run a process group of its own, so groups do not tell whose child it is.
    """
    below: dict[int, list[int]] = {}
    for entry in PROCESSES.glob("[0-9]*/stat"):
        below.setdefault(_parent(entry), []).append(int(entry.parent.name))
    found, waiting = [], [pid]
    while waiting:
        children = below.get(waiting.pop(), [])
        found += children
        waiting += children
    return found


def _parent(stat: Path) -> int:
    try:
        # The name of the program stands in brackets and may hold anything.
        return int(stat.read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0  # it has ended meanwhile


def send(how: Callable[[int, int], None], pid: int, number: int) -> None:
    """Send a signal to a process or a group that may have ended meanwhile."""
    try:
        how(pid, number)
    except ProcessLookupError:
        return


def await_end(pids: list[int], seconds: float) -> None:
    """Wait until all of these processes are gone, or the time is over."""
    until = monotonic() + seconds
    while any((PROCESSES / str(pid)).exists() for pid in pids) and monotonic() < until:
        sleep(0.2)
