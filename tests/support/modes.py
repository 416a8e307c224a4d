"""Who can read what lies below a folder."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def readable_by_others(home: Path, mask: int = 0o077) -> list[str]:
    """Return everything below a folder, and itself, whose mode has a bit of `mask`; symbolic links have none.

    What goes while it is looked at, as a living process's files to spill to do, is left out.
    """
    everything = [home, *(Path(at, name) for at, folders, files in os.walk(home) for name in (*folders, *files))]
    modes = {path: mode for path in everything if (mode := _mode(path)) is not None}
    return sorted(str(path) for path, mode in modes.items() if not stat.S_ISLNK(mode) and mode & mask)


def _mode(path: Path) -> int | None:
    with suppress(FileNotFoundError):
        return path.lstat().st_mode
    return None


@contextmanager
def careless_umask() -> Iterator[None]:
    """Let everybody read what is written, as most systems do."""
    before = os.umask(0o022)
    try:
        yield
    finally:
        os.umask(before)
