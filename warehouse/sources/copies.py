"""Copies of what is being read, for the length of one load."""

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, cast

from warehouse.privacy import private_folder
from warehouse.settings import Settings

_OPEN_FILES = "/proc/self/fd"


@contextmanager
def private_copy(settings: Settings, content: Iterable[bytes]) -> Iterator[str]:
    """Keep bytes in a file that only its owner can read and that is gone with the block.

    Args:
        settings: The home takes it.
        content: Its bytes in pieces, of which one at a time is held.

    Yields:
        A path under which this process can open it.
    """
    folder = settings.home.resolve() / "tmp"
    private_folder(folder)
    # Where the system can, the copy never has a name, so that a kill leaves no customer's row behind.
    nameless = os.path.isdir(_OPEN_FILES)
    make = tempfile.TemporaryFile if nameless else tempfile.NamedTemporaryFile
    with cast("IO[bytes]", make(dir=folder, prefix="rewritten-", suffix=".csv")) as copy:
        for piece in content:
            copy.write(piece)
        copy.flush()
        yield f"{_OPEN_FILES}/{copy.fileno()}" if nameless else copy.name
