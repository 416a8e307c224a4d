"""Which runs are alive: each holds a lock on a file of its own, and the system takes it back when its process dies."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4
from zoneinfo import ZoneInfo

import duckdb

from warehouse.errors import MicrosegError
from warehouse.locks import held, is_free
from warehouse.settings import Settings

_marks: list[Path] = []


class LostStart(NamedTuple):
    """A run that was killed before it could enter itself."""

    run_id: str
    flow: str
    started_at: datetime

    def told(self, zone: str) -> tuple[str, str]:
        """Return the flow, and what became of it, at which time of a zone."""
        started = self.started_at.astimezone(ZoneInfo(zone))
        return self.flow, f"killed before its first stage, started {started:%Y-%m-%d %H:%M}"


@contextmanager
def alive(settings: Settings, run_id: str) -> Iterator[None]:
    """Hold the lock of a run for the length of a ``with`` block; its file stays until `forget`.

    Args:
        settings: The lock lies in the home, which belongs to one machine.
        run_id: As in ops.runs.

    Raises:
        MicrosegError: The file cannot be made.
    """
    path = _path(settings, run_id)
    with ExitStack() as stack:
        try:
            stack.enter_context(held(path))
        except OSError as error:
            raise MicrosegError(f"{path} cannot be written: {error.strerror}") from error
        yield


@contextmanager
def starting(settings: Settings, flow: str) -> Iterator[None]:
    """Leave a mark for the length of a ``with`` block, in case the process is killed before its run enters itself.

    Args:
        settings: The mark lies in the home; where none can be written, the run itself will say so.
        flow: As in ops.runs.
    """
    path = _starts(settings) / f"{flow}-{uuid4().hex[:16]}"
    with ExitStack() as stack:
        with suppress(OSError):
            stack.enter_context(held(path))
        _marks.append(path)
        stack.callback(entered)
        yield


def entered() -> None:
    """Remove the marks of this process: its run is in ops.runs, or has ended and said why."""
    while _marks:
        _marks.pop().unlink(missing_ok=True)


def lost_starts(settings: Settings) -> list[LostStart]:
    """Return the runs that were killed between their start and their entry in ops.runs."""
    return [_lost(path) for path in sorted(_starts(settings).glob("*")) if is_free(path)]


def forget_starts(settings: Settings, lost: Iterable[LostStart]) -> None:
    """Remove the marks of runs whose end is on record."""
    for start in lost:
        (_starts(settings) / f"{start.flow}-{start.run_id}").unlink(missing_ok=True)


def _lost(path: Path) -> LostStart:
    flow, _, run_id = path.name.rpartition("-")
    return LostStart(run_id, flow, datetime.fromtimestamp(path.stat().st_mtime, UTC))


def _starts(settings: Settings) -> Path:
    return settings.home.resolve() / "starting"


def killed(settings: Settings, run_ids: Iterable[str]) -> list[str]:
    """Return the runs among these that hold their lock no more: their process died on this machine without a word."""
    return [run_id for run_id in run_ids if is_free(_path(settings, run_id))]


def forget(settings: Settings, *run_ids: str) -> None:
    """Remove the files of runs whose end is on record."""
    for run_id in run_ids:
        _path(settings, run_id).unlink(missing_ok=True)


def running(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the runs that have not told of their end."""
    found = connection.execute("SELECT run_id FROM ops.runs WHERE status = 'running'").fetchall()
    return [str(run_id) for (run_id,) in found]


def at_work(connection: duckdb.DuckDBPyConnection, settings: Settings, now: datetime) -> list[str]:
    """Return the runs that may still write: those alive here, and those of other machines that began not long ago.

    Args:
        connection: A warehouse connection.
        settings: `run_patience_hours` bounds how long a run is awaited whose lock is on another machine.
        now: Moment to judge by.
    """
    since = (now - timedelta(hours=settings.run_patience_hours)).isoformat()
    text = "SELECT run_id, started_at >= $1::TIMESTAMPTZ FROM ops.runs WHERE status = 'running'"
    runs = dict(connection.execute(text, [since]).fetchall())
    dead = set(killed(settings, runs))
    return [
        run_id for run_id, young in runs.items() if run_id not in dead and (young or _path(settings, run_id).exists())
    ]


def run_locks(settings: Settings) -> list[Path]:
    """Return the locks of all runs that have not ended in order, of the living and the dead."""
    return sorted((settings.home.resolve() / "running").glob("*"))


def _path(settings: Settings, run_id: str) -> Path:
    return settings.home.resolve() / "running" / run_id
