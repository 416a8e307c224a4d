"""Locks on files: the system takes them back when a process dies, whatever the cause.

Neither a clock nor a process number is asked: the one may be put back, the other be given to somebody else.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import time
from uuid import uuid4

_PROCESS = uuid4().hex
_IDLE = "idle"


@contextmanager
def held(path: Path, at_work: bool = True) -> Iterator[None]:
    """Make a file and hold its lock for the length of a ``with`` block; the file stays.

    It holds who made it and when, for `living`.

    Args:
        path: Its folder is made when absent.
        at_work: Whether `living` counts it before `note_work` says so.

    Raises:
        OSError: It cannot be made.
    """
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            made = path.open("w", encoding="utf-8")
        except FileNotFoundError:
            if path.parent.is_dir():
                raise
            continue  # somebody who tidies up has removed the folder, which was empty yet
        with made as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if not _is_at(path, os.fstat(file.fileno())):
                continue  # somebody who tidies up was quicker than the lock, and has removed the file
            file.write(_told(at_work))
            file.flush()
            yield
            return


def is_free(path: Path) -> bool:
    """Tell whether a file is there and nobody holds its lock: the process that made it died without a word."""
    try:
        with path.open(encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return False  # it is held, has ended meanwhile, or runs on another machine
    return True


@contextmanager
def taken(path: Path) -> Iterator[bool]:
    """Take the lock of a file that is there, if nobody holds it; say whether it was taken, to remove what it guards."""
    try:
        file = path.open(encoding="utf-8")
    except OSError:
        yield False
        return
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            free = True
        except OSError:
            free = False
        yield free


def note_work(path: Path, at_work: bool) -> None:
    """Say in a lock that this process holds that work behind it begins, or has ended: `living` leaves it out then.

    Raises:
        OSError: It cannot be written.
    """
    path.write_text(_told(at_work), encoding="utf-8")


def living(paths: Iterable[Path]) -> list[tuple[float, bool]]:
    """Return since when work goes on behind each held lock among these, in seconds since 1970, and whether it is ours.

    Args:
        paths: Locks; those with no work behind them (`note_work`) are left out.
    """
    return [started for path in paths if not is_free(path) and (started := _started(path))]


def _told(at_work: bool) -> str:
    return f"{_owner()} {time() if at_work else _IDLE}"


def _started(path: Path) -> tuple[float, bool] | None:
    try:
        owner, _, since = path.read_text(encoding="utf-8").partition(" ")
        if since == _IDLE:
            return None
        # Empty: by an earlier version, or made in this very moment.
        return (float(since) if since else path.stat().st_mtime), owner == _owner()
    except FileNotFoundError:
        return None


def _owner() -> str:
    return f"{_PROCESS}-{os.getpid()}"  # a forked process has the first half of its parent's


def _is_at(path: Path, made: os.stat_result) -> bool:
    try:
        return os.path.samestat(path.stat(), made)
    except FileNotFoundError:
        return False
