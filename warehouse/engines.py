"""Engines that stay open: to attach a lake takes ten times longer than a query, and a night asks some thirty times."""

import atexit
import ctypes
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from os.path import abspath
from pathlib import Path
from threading import Lock
from typing import Any

import duckdb

from warehouse.attachment import CATALOG, METADATA, attach
from warehouse.extensions import all_checked, needed
from warehouse.memory import left_for_engine, resident_bytes
from warehouse.queries import query, quoted
from warehouse.settings import Settings
from warehouse.spill import is_spilled_to, note_use, remove_dead, spill_folder

# DuckDB's allocator keeps what a large query took, until an engine is closed.
KEPT_BYTES = 128 * 1024**2
# The settings that an engine is made from.
_DECIDING = (
    *("group_access", "catalog", "data_path", "memory_limit", "threads", "busy_timeout_ms"),
    *("s3_endpoint", "s3_region", "s3_key_id", "s3_secret", "s3_url_style", "s3_use_ssl"),
)
# Follows from the memory and the threads, and is told rounded: what is told is not what it was.
_DERIVED = "write_buffer_row_group_memory_limit"
_State = dict[tuple[str, str], str | None]


@dataclass
class _Engine:
    """A DuckDB with the lake attached; whoever uses it gets a cursor, whose temporary things end with it."""

    read_only: bool
    connection: duckdb.DuckDBPyConnection
    spill: Path
    closing: ExitStack
    place: tuple[object, ...] = field(repr=False)  # passwords may be in it
    start: _State = field(default_factory=dict)
    snapshot: tuple[str, str] = ("", "")
    bytes_then: int = 0
    process: int = field(default_factory=os.getpid)

    def close(self) -> None:
        if self.process == os.getpid():
            self.closing.close()
        else:
            _never_free(self)  # it is the parent's: its folder, its connections to a server


_idle: dict[bool, _Engine] = {}
_lock = Lock()


@contextmanager
def lent(settings: Settings, read_only: bool, files: Sequence[Path]) -> Iterator[duckdb.DuckDBPyConnection]:
    """Lend an engine that nobody else has for the length of a ``with`` block: one that lies idle, or a new one.

    After the block it lies idle, at most one reader and one writer a process. It is closed instead after any error, and
    where something is left of the use that the next one would notice, or that takes memory.

    Args:
        settings: Of the warehouse.
        read_only: Whether a fenced reader is wanted.
        files: Files outside of the lake that it may open; with any, the engine is used once.

    Yields:
        A cursor of the engine, whose default catalog is the lake.
    """
    engine, cursor = _reused(settings, read_only, files) or _new(settings, read_only, files)
    try:
        yield cursor
        cursor.close()
        note_use(engine.spill, False)
        is_kept = not files and _is_as_at_the_start(engine) and _laid_aside(engine)
    except BaseException:
        engine.close()
        raise
    if not is_kept:
        engine.close()


def close_idle() -> None:
    """Close the engines that nobody uses: nothing of this process then lies in a home, or holds a server's connection.

    For whoever changes a catalog by other means than a connection. Those in use stay open.
    """
    with _lock:
        engines = list(_idle.values())
        _idle.clear()
    for engine in engines:
        engine.close()


def engine_config(settings: Settings) -> dict[str, str | bool | int | float | list[str]]:
    """Return DuckDB's start options: bounded memory, signed extensions, no downloads; a folder to spill to is added."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": left_for_engine(settings.memory_limit),
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
        "allow_unsigned_extensions": all_checked(needed(settings)),
    }
    return config | ({"threads": settings.threads} if settings.threads else {})


def _new(settings: Settings, read_only: bool, files: Sequence[Path]) -> tuple[_Engine, duckdb.DuckDBPyConnection]:
    with ExitStack() as stack:
        # However long a reader reads, and while it opens, what the dead left in the lake may go.
        spill = stack.enter_context(spill_folder(settings, writes=not read_only or bool(files)))
        connection = duckdb.connect(config=engine_config(settings) | {"temp_directory": str(spill)})
        stack.callback(connection.close)
        attach(connection, settings, read_only, files)
        engine = _Engine(read_only, connection, spill, stack, _place(settings), bytes_then=resident_bytes())
        engine.start, _ = _state(engine)
        cursor = connection.cursor()
        cursor.execute(f"USE {CATALOG}")
        engine.closing = stack.pop_all()
        return engine, cursor


def _reused(
    settings: Settings, read_only: bool, files: Sequence[Path]
) -> tuple[_Engine, duckdb.DuckDBPyConnection] | None:
    """Return the idle engine of this warehouse, if there is one that works; those of any other are closed."""
    if files or not (engine := _taken(_place(settings), read_only)):
        return None
    try:
        remove_dead(settings)
        note_use(engine.spill, not read_only)
        # A server that was restarted, a damaged catalog: a new engine works, or says so in our words.
        with suppress(duckdb.Error):
            if cursor := _cursor(engine):
                return engine, cursor
    except BaseException:
        engine.close()
        raise
    engine.close()
    return None


def _taken(place: tuple[object, ...], read_only: bool) -> _Engine | None:
    with _lock:
        strange = [_idle.pop(engine.read_only) for engine in [*_idle.values()] if engine.place != place]
        engine = _idle.pop(read_only, None)
    for other in strange:
        other.close()
    return engine


def _laid_aside(engine: _Engine) -> bool:
    with _lock:
        return _idle.setdefault(engine.read_only, engine) is engine


def _cursor(engine: _Engine) -> duckdb.DuckDBPyConnection | None:
    """Return a cursor of an engine, None where its catalog has another history: DuckLake remembers tables by number."""
    if not engine.spill.is_dir():
        return None  # somebody tidied up, and DuckDB makes no folder
    snapshot_id, taken_at = engine.snapshot
    cursor = engine.connection.cursor()
    cursor.execute("BEGIN")  # one transaction: the catalog is opened once
    cursor.execute(f"USE {CATALOG}")
    asked = query("engines/select_snapshot").format(catalog=METADATA, snapshot_id=snapshot_id)
    is_known = cursor.execute(asked).fetchall() == [(taken_at,)]
    cursor.execute("COMMIT")
    return cursor if is_known else None


def _is_as_at_the_start(engine: _Engine) -> bool:
    """Put settings back to what they were; tell whether the engine then is as it was when it was opened."""
    with suppress(duckdb.Error):  # a catalog that is gone: the use has ended well all the same
        state, engine.snapshot = _state(engine)
        if state != engine.start:
            _put_back(engine, state)
            state, _ = _state(engine)
        is_small = resident_bytes() - engine.bytes_then <= KEPT_BYTES
        return state == engine.start and is_small and not is_spilled_to(engine.spill)
    return False


def _put_back(engine: _Engine, state: _State) -> None:
    for (kind, name), value in engine.start.items():
        if kind == "setting" and name != _DERIVED and value is not None and state.get((kind, name)) != value:
            engine.connection.execute(f"SET GLOBAL {name} = {quoted(value)}")


def _state(engine: _Engine) -> tuple[_State, tuple[str, str]]:
    """Return all that one use could leave to the next, and the newest snapshot with its time."""
    rows = engine.connection.execute(query("engines/select_state").format(catalog=METADATA)).fetchall()
    *others, (_, snapshot_id, taken_at) = rows
    return {(kind, name): content for kind, name, content in others}, (snapshot_id, taken_at)


def _place(settings: Settings) -> tuple[object, ...]:
    """Return all that decides what an engine is; a folder or a file in the place of another is another."""
    backend, _, path = settings.catalog_uri.partition(":")
    server = sorted(item for item in os.environ.items() if item[0].startswith("PG"))
    catalog = _identity(Path(path)) if backend == "sqlite" else tuple(server)
    values = tuple(getattr(settings, name) for name in _DECIDING)
    return (*values, abspath(settings.data_uri), _identity(settings.home), catalog)


def _identity(path: Path) -> tuple[str, int, int] | None:
    try:
        about = path.stat()
    except OSError:
        return None
    return str(path.resolve()), about.st_dev, about.st_ino


def _never_free(engine: Any) -> None:
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(engine))


def _forget() -> None:
    """In a forked process: leave what was inherited to the parent, also at the end, when Python would free it."""
    global _lock  # noqa: PLW0603 - another thread of the parent may have held it
    _lock = Lock()
    for engine in _idle.values():
        _never_free(engine)
    _idle.clear()


os.register_at_fork(after_in_child=_forget)
atexit.register(close_idle)
