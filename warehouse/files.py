"""Files and folders that are whole or not there: written under another name, then renamed."""

import ctypes
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a name to write to, and rename what was written there to `path` at the end.

    A reader sees the old file or the new one; a run that is killed in between leaves the old one.

    Args:
        path: Final name; its folder is made when absent.

    Yields:
        Path beside it, with the same ending.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".partial.{path.name}")
    yield partial
    os.replace(partial, path)


def write_text(path: Path, text: str, mode: int = 0o666) -> None:
    """Write a text file, whole or not at all; the process's umask bounds its mode."""
    with written_whole(path) as partial:
        partial.unlink(missing_ok=True)
        with os.fdopen(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "w", encoding="utf-8") as file:
            file.write(text)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's content as hexadecimal digits.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def exchange(new: Path, target: Path) -> None:
    """Put a folder in the place of another, in one step where the system can; the old one is removed.

    Where it cannot, a kill between the two renames leaves no folder at `target`: whoever writes it sees that and
    writes it again.

    Args:
        new: The folder that was written, on the same disk.
        target: Where readers look; its parent is made when absent.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        os.rename(new, target)
    elif _exchanged(new, target):
        shutil.rmtree(new)
    else:
        old = new.with_name(f"{new.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        os.rename(target, old)
        os.rename(new, target)
        shutil.rmtree(old)


def _exchanged(one: Path, other: Path) -> bool:
    """Swap two names as one step of the file system (Linux: renameat2); False where that is not to be had."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    here, both = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    return int(rename(here, os.fsencode(one), here, os.fsencode(other), both)) == 0
