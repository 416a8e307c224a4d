"""A folder to spill to for each engine: DuckDB numbers its files from nought, so two would share theirs."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from time import time
from uuid import uuid4

from warehouse.locks import held, note_work, taken
from warehouse.privacy import private_folder
from warehouse.settings import Settings

LOCK = "lock"
_DAY_SECONDS = 86400


@contextmanager
def spill_folder(settings: Settings, writes: bool = True) -> Iterator[Path]:
    """Give an engine a folder of its own below ``<home>/tmp`` for the length of a ``with`` block.

    A lock in it shows that its process lives; what was left by processes that were killed is removed first. A home that
    is not there is not made, and one that cannot be written to is no reason not to read.

    Args:
        settings: The home.
        writes: Whether files of the lake may be the engine's: those that killed runs left are then younger than it.

    Yields:
        The folder; DuckDB makes the files in it.
    """
    folder = _spills(settings) / uuid4().hex
    with ExitStack() as stack:
        if settings.home.is_dir():
            with suppress(OSError):
                private_folder(folder.parent)
            remove_dead(settings)
            with suppress(OSError):
                stack.enter_context(held(folder / LOCK, at_work=writes))
                stack.callback(shutil.rmtree, folder, ignore_errors=True)
        yield folder


def spill_locks(settings: Settings) -> list[Path]:
    """Return the locks of all engines of this home, living and dead."""
    return list(_spills(settings).glob(f"*/{LOCK}"))


def remove_dead(settings: Settings) -> None:
    """Remove what engines left whose process was killed: rows of people, in the clear."""
    with suppress(OSError):  # what another user left is for that user to remove
        for place in _spills(settings).iterdir():
            with taken(place / LOCK) as dead:
                if dead or _is_unlocked_for_good(place):
                    _remove(place)


def note_use(folder: Path, used: bool) -> None:
    """Say in the lock of a folder whether anybody uses the engine that it belongs to."""
    with suppress(OSError):  # there is none in a home that cannot be written to
        if (folder / LOCK).exists():
            note_work(folder / LOCK, used)


def is_spilled_to(folder: Path) -> bool:
    """Tell whether rows lie in a folder."""
    return any(path.name != LOCK for path in folder.glob("*"))


def _is_unlocked_for_good(place: Path) -> bool:
    """Whether nobody is behind a folder without a lock: it is empty, and now gone, or old."""
    with suppress(OSError):
        place.rmdir()  # half made or half removed; whoever makes it in this moment makes it once more (`held`)
    with suppress(OSError):
        # Of a version that had one folder for all, and no lock.
        return not (place / LOCK).exists() and time() - place.stat().st_mtime > _DAY_SECONDS
    return False


def _remove(place: Path) -> None:
    with suppress(OSError):
        if not place.is_dir():
            place.unlink()
            return
        for path in place.iterdir():
            if path.name != LOCK:  # it goes last: what a killed removal leaves is then the next one's
                _remove(path)
        shutil.rmtree(place)


def _spills(settings: Settings) -> Path:
    return settings.home.resolve() / "tmp"
