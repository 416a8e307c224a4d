"""Prefect's processes as children: each with a log of its own, ended in order and with all that they started."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import psutil

from warehouse.errors import MicrosegError
from warehouse.privacy import private_folder

# The first start makes Prefect's own database, which takes half a minute on a busy machine.
START_SECONDS = 180
# A run that is stopped records its end first.
GRACE_SECONDS = 45
# What a signal raises may be swallowed by a library that is being imported just then.
REQUESTS = 3


class SetupError(MicrosegError):
    """The server, the deployments or the worker did not come up."""


@dataclass
class Child:
    """A process of ours, with its own process group and its log in a file."""

    name: str
    arguments: list[str]
    log: Path
    module: str = "prefect"
    process: subprocess.Popen[bytes] = field(init=False)

    def __enter__(self) -> "Child":
        """Start it."""
        self.start()
        return self

    def start(self) -> None:
        """Start it, or start it again; a group of its own, so that Ctrl-C reaches it through us alone, and in order."""
        private_folder(self.log.parent)
        command = [sys.executable, "-m", self.module, "--no-prompt", *self.arguments]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)  # noqa: S603

    def __exit__(self, *_: object) -> None:
        """Ask the runs that it started to end, then itself, then end whatever is left of them."""
        runs = descendants(self.process.pid)
        if self.process.poll() is None:
            # A worker that ends kills its runs at once; asked first, they record how they ended.
            left = runs
            for _request in range(REQUESTS):
                for run in left:
                    _quietly(run.terminate)
                _, left = psutil.wait_procs(left, GRACE_SECONDS / REQUESTS)
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        for run in runs:
            _quietly(run.kill)

    @property
    def ended(self) -> bool:
        """Whether it has ended by itself."""
        return self.process.poll() is not None

    def check(self) -> None:
        """Raise when it has ended by itself."""
        if self.ended:
            raise SetupError(f"the {self.name} ended with code {self.process.returncode}; its log is {self.log}")


def await_health(name: str, api: str, log: Path, check: Callable[[], None]) -> None:
    """Wait until a Prefect server answers.

    Args:
        name: What the user calls it.
        api: Its address.
        log: Where it writes to.
        check: Raises when the server has ended by itself.

    Raises:
        SetupError: It does not answer.
    """
    opener = build_opener(ProxyHandler({}))
    until = monotonic() + START_SECONDS
    while monotonic() < until:
        check()
        try:
            with opener.open(f"{api}/health", timeout=5):
                return
        except (URLError, OSError):
            sleep(0.2)
    raise SetupError(f"the {name} did not answer at {api}/health within {START_SECONDS} s; its log is {log}")


def descendants(pid: int) -> list[psutil.Process]:
    """Return the processes below one; none when it is gone.

    A worker gives each run a process group of its own, so groups do not tell whose child it is.
    """
    try:
        children: list[psutil.Process] = psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    return children


def _quietly(request: Callable[[], None]) -> None:
    with suppress(psutil.NoSuchProcess):  # it has ended meanwhile
        request()
