"""A full disk, told in one line: what cannot be written to, how much room is left there, and what to do."""

import re
from pathlib import Path
from shutil import disk_usage

from warehouse.errors import SpaceError
from warehouse.settings import Settings

# What the system, SQLite, PostgreSQL and DuckDB's spilling say.
_SIGNS = (
    "no space left on device",
    "disk is full",
    "disk quota exceeded",
    "file too large",
    "max_temp_directory_size",
)
# SQLite says this of any trouble; without room for its index it cannot even read.
_VAGUE = "disk i/o error"
_LITTLE = 2 * 1024**2
_FILE = re.compile(r"""["'](/[^"'\n]+)["']""")


def lack_of_space(settings: Settings, error: Exception) -> SpaceError | None:
    """Return the error to raise in place of one that comes from a full disk; None for any other.

    Args:
        settings: Where the warehouse lies.
        error: What the engine or the system raised.
    """
    message = str(error)
    place = _place(settings, message)
    room = disk_usage(place).free
    certain = any(sign in message.lower() for sign in _SIGNS)
    if not certain and not (_VAGUE in message.lower() and room < _LITTLE):
        return None
    reason = "a size limit forbids it" if room > _LITTLE and "too large" in message.lower() else "no space is left"
    return SpaceError(
        f"{place} cannot be written to: {reason} ({room / 1024**2:,.0f} MiB free). Free space there and run again; "
        "every table is as its last commit left it"
    )


def _place(settings: Settings, message: str) -> Path:
    """Return the folder of the file that is spoken of, else the home; the nearest that exists."""
    named = _FILE.search(message)
    wanted = Path(named[1]).parent if named else settings.home.resolve()
    return next(folder for folder in (wanted, *wanted.parents) if folder.is_dir())
