"""Starts workers, lets them begin together and makes sure that none survives its test."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from warehouse.settings import Settings

ROOT = Path(__file__).parents[2]


class Worker:
    """One process in one role of `tests.support.workers`."""

    def __init__(self, role: str, settings: Settings) -> None:
        command = [sys.executable, "-m", "tests.support.workers", role, str(settings.home), settings.catalog]
        self.process = subprocess.Popen(
            command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def line(self) -> str:
        """Return the next line that the worker says; fail with its error when it says none."""
        assert self.process.stdout is not None
        text = self.process.stdout.readline().strip()
        assert text or self.process.poll() in {None, 0}, self.process.communicate(timeout=30)[1]
        return text

    def tell(self) -> None:
        """Let the worker begin, or end."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def kill(self) -> None:
        """End the worker without a chance to tidy up (SIGKILL)."""
        self.process.kill()
        self.process.wait(timeout=30)

    def end(self) -> str:
        """Wait for the end of a worker; return what it said and fail with its error."""
        output, error = self.process.communicate(timeout=120)
        assert self.process.returncode == 0, error
        return output.strip()


@contextmanager
def workers(settings: Settings, *roles: str) -> Iterator[list[Worker]]:
    """Start one worker for each role, begun together once all are ready."""
    started = [Worker(role, settings) for role in roles]
    try:
        assert [each.line() for each in started] == ["ready"] * len(started)
        for each in started:
            each.tell()
        yield started
    finally:
        for each in started:
            each.kill()
            each.process.communicate()
