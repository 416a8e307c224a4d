"""Which runs are alive: each holds a lock on a file of its own, and the system takes it back when its process dies."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import duckdb

from warehouse.errors import MicrosegError
from warehouse.locks import held, is_free
from warehouse.settings import Settings


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


def run_locks(settings: Settings) -> list[Path]:
    """Return the locks of all runs that have not ended in order, of the living and the dead."""
    return sorted((settings.home.resolve() / "running").glob("*"))


def _path(settings: Settings, run_id: str) -> Path:
    return settings.home.resolve() / "running" / run_id
