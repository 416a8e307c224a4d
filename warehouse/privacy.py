"""Who can read what microseg writes: its owner alone, or its group where `MICROSEG_GROUP_ACCESS` lets it in."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from warehouse.errors import MicrosegError
from warehouse.settings import Settings

# What microseg puts into its home; whatever else lies there is somebody else's, and keeps its modes.
_OURS = (
    "catalog.sqlite*",
    "crashes",
    "data",
    "data_docs",
    "exporting",
    "exports",
    "keras",
    "logs",
    "lookups",
    "models",
    "prefect",
    "reports",
    "running",
    "sample",
    "starting",
    "study",
    "study-report",
    "tmp",
)
# Rows on their way, tracebacks, pages of one customer, and Prefect's own database with the addresses of alarms: never
# the group's.
_PRIVATE = ("crashes", "logs", "lookups", "prefect", "tmp")


def keep_private(settings: Settings) -> None:
    """Let this process and all that it starts write for the owner alone, or for the group, too, to read.

    Args:
        settings: `group_access`.
    """
    os.umask(0o027 if settings.group_access == "read" else 0o077)


def private_home(settings: Settings) -> None:
    """Make the home, or bring one of other modes to those of the settings: folders 0700 or 2750, files 0600 or 0640.

    In a home of the right mode nothing is looked at: where nobody else gets in, nothing inside can be read.

    Args:
        settings: `home` and `group_access`.

    Raises:
        MicrosegError: It cannot be made.
    """
    keep_private(settings)
    home, shared = settings.home.resolve(), settings.group_access == "read"
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MicrosegError(f"{settings.home} cannot be created: {error.strerror}; set MICROSEG_HOME") from error
    about = home.stat()
    if stat.S_IMODE(about.st_mode) == _mode(True, shared) or os.geteuid() not in (0, about.st_uid):
        return
    for path in _ours(home):
        _set_mode(path, home, shared and path.relative_to(home).parts[0] not in _PRIVATE)
    _set_mode(home, home, shared)  # last: one that was killed in the middle begins anew


def private_folder(folder: Path) -> None:
    """Make a folder that is the owner's alone, also where the home is its group's to read."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)


def _ours(home: Path) -> Iterator[Path]:
    for top in (path for name in _OURS for path in home.glob(name)):
        yield top
        for folder, names, files in os.walk(top):
            yield from (Path(folder, name) for name in (*names, *files))


def _set_mode(path: Path, home: Path, shared: bool) -> None:
    with suppress(OSError):  # somebody else's, or gone meanwhile
        about = path.lstat()
        if stat.S_ISLNK(about.st_mode):
            return
        if shared and about.st_gid != home.stat().st_gid:
            os.chown(path, -1, home.stat().st_gid)
        path.chmod(_mode(stat.S_ISDIR(about.st_mode), shared))


def _mode(is_folder: bool, shared: bool) -> int:
    if is_folder:
        return 0o2750 if shared else 0o700
    return 0o640 if shared else 0o600
