"""Which runs are alive: each holds a lock on a file of its own, and the system takes it back when its process dies.

Neither a clock nor a process number is asked: the one may be put back, the other be given to somebody else.
"""

import fcntl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from warehouse.errors import MicrosegError
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
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("w")
    except OSError as error:
        raise MicrosegError(f"{path} cannot be written: {error.strerror}") from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def killed(settings: Settings, run_ids: Iterable[str]) -> list[str]:
    """Return the runs among these that hold their lock no more: their process died on this machine without a word."""
    return [run_id for run_id in run_ids if _is_free(_path(settings, run_id))]


def forget(settings: Settings, *run_ids: str) -> None:
    """Remove the files of runs whose end is on record."""
    for run_id in run_ids:
        _path(settings, run_id).unlink(missing_ok=True)


def _path(settings: Settings, run_id: str) -> Path:
    return settings.home.resolve() / "running" / run_id


def _is_free(path: Path) -> bool:
    try:
        with path.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False  # it has ended meanwhile, or runs on another machine
    except BlockingIOError:
        return False
    return True
