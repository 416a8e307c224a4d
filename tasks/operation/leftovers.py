"""What killed runs left in the home: data files that no commit knows, files half written, and locks of runs."""

import shutil
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from tasks.operation.liveness import run_locks, running
from warehouse.locks import is_free, living, taken
from warehouse.settings import Settings
from warehouse.spill import spill_locks
from warehouse.stored import known_names, made_at


def leftovers(connection: duckdb.DuckDBPyConnection, settings: Settings) -> list[Path]:
    """Return what killed runs left, and nothing that a living process could still be at.

    A lake whose data lies elsewhere (`MICROSEG_DATA_PATH`) is not looked at: others may write there, unseen from here.
    What is left there goes with the next maintenance (`tasks.operation.orphans`).

    Args:
        connection: An open warehouse connection, outside of any transaction.
        settings: The home.
    """
    before = begun_before(settings)
    told = set(running(connection))  # the journal of the next run closes these, and needs their locks to see it
    locks = [path for path in run_locks(settings) if path.name not in told and is_free(path)]
    return [*_orphans(connection, settings, before), *_half_written(settings, before), *locks]


def remove_leftovers(connection: duckdb.DuckDBPyConnection, settings: Settings) -> int:
    """Remove what killed runs left; return how many files, folders and locks that were."""
    gone = leftovers(connection, settings)
    for path in gone:
        with suppress(OSError):
            _remove(path, settings)
    return len(gone)


def begun_before(settings: Settings) -> datetime:
    """Return the moment before which everything was begun that no living process is still at.

    Files of this process are younger than the oldest connection that it has open. The clock may have been put back
    while another process was at work, so what is younger than `run_patience_hours` before its start stays, too.
    """
    patience = timedelta(hours=settings.run_patience_hours).total_seconds()
    locks = [*spill_locks(settings), *run_locks(settings)]
    starts = [since if ours else since - patience for since, ours in living(locks)]
    return datetime.fromtimestamp(min(starts, default=datetime.now(UTC).timestamp()), UTC)


def _orphans(connection: duckdb.DuckDBPyConnection, settings: Settings, before: datetime) -> list[Path]:
    if settings.data_path:
        return []
    # First the folder, then the catalog: what is committed between the two is known by then.
    old = [path for path in sorted(Path(settings.data_uri).rglob("ducklake-*.parquet")) if _is_older(path, before)]
    known = known_names(connection) if old else frozenset()
    return [path for path in old if path.name not in known]


def _is_older(path: Path, before: datetime) -> bool:
    made = made_at(path.name)
    return made is not None and made < before


def _half_written(settings: Settings, before: datetime) -> Iterator[Path]:
    home = settings.home.resolve()
    if is_free(home / "exporting" / "lock"):  # nobody is exporting: no folder there is at work, whatever its age
        yield from home.glob("exporting/as_of=*")
    for path in home.glob("*/.partial.*"):
        with suppress(FileNotFoundError):
            if path.lstat().st_mtime < before.timestamp():
                yield path


def _remove(path: Path, settings: Settings) -> None:
    home = settings.home.resolve()
    guard = {home / "running": path, home / "exporting": home / "exporting" / "lock"}.get(path.parent)
    with taken(guard) if guard else nullcontext(True) as free:
        if free and path.is_dir():
            shutil.rmtree(path)
        elif free:
            path.unlink(missing_ok=True)
