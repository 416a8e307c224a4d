"""Who can read what lies below a folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def readable_by_others(home: Path, mask: int = 0o077) -> list[str]:
    """Return everything below a folder, and itself, whose mode has a bit of `mask`; symbolic links have none."""
    everything = [home, *(Path(at, name) for at, folders, files in os.walk(home) for name in (*folders, *files))]
    return sorted(str(path) for path in everything if not path.is_symlink() and path.stat().st_mode & mask)


@contextmanager
def careless_umask() -> Iterator[None]:
    """Let everybody read what is written, as most systems do."""
    before = os.umask(0o022)
    try:
        yield
    finally:
        os.umask(before)
