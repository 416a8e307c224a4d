"""Nights on a disk that is full, then one with room: ``python -m tests.flows.cramped <folder> <free KiB> ...``.

Run in a mount namespace of its own, it sees a small file system in `<folder>/disk` that nobody else sees and that goes
with it. It answers in JSON: what the nights said, and the tables before and after the failed ones and in the end.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tasks.operation.journal import Journal
from tests.support.checksums import table_checksums
from tests.tasks.builders import TODAY, Bank, write_reference
from warehouse.connection import connect
from warehouse.errors import MicrosegError
from warehouse.settings import Settings

BALLAST = "ballast"


def night(bank: Bank, sources: Path) -> str:
    """Load and sum; return the error that an operator would read."""
    try:
        with Journal(bank.settings, "nightly", TODAY):
            bank.ingest(sources / "*.csv")
            bank.aggregate()
    except MicrosegError as error:
        return f"{type(error).__name__}: {error}"
    return ""


def fill(disk: Path, free: int) -> None:
    """Fill a disk but for some bytes."""
    file = os.open(disk / BALLAST, os.O_CREAT | os.O_WRONLY)
    os.posix_fallocate(file, 0, shutil.disk_usage(disk).free - free)
    os.close(file)


def tables(bank: Bank) -> dict[str, tuple[int, int]]:
    with connect(bank.settings, read_only=True) as connection:
        return table_checksums(connection)


def journal(bank: Bank) -> list[str]:
    return [f"{status} {message or ''}" for status, message in bank.query("SELECT status, message FROM ops.runs")]


def main(folder: Path, *rooms: int) -> None:
    """Play the nights."""
    disk = folder / "disk"
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", disk], check=True)
    shutil.copytree(folder / "home", disk / "home")
    bank = Bank(Settings(home=disk / "home"), write_reference(folder / "reference"))
    before, said = tables(bank), []
    for free in rooms:
        fill(disk, free * 1024)
        said.append(night(bank, folder / "sources"))
        (disk / BALLAST).unlink()
    after, healed = tables(bank), night(bank, folder / "sources")
    told = {"before": before, "said": said, "after": after, "healed": healed, "end": tables(bank)}
    print(json.dumps(told | {"journal": journal(bank)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
