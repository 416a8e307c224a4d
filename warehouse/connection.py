"""The one door to the warehouse: a DuckDB connection with the DuckLake catalog attached."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from random import uniform
from time import sleep
from typing import TypeVar

import duckdb

from warehouse.catalog import Address, address_of, hand_over_password, take_back_password, without_password
from warehouse.damage import damage
from warehouse.errors import ConflictError, MicrosegError
from warehouse.extensions import all_checked, load_extension, needed
from warehouse.fence import fence
from warehouse.privacy import keep_private, private_home
from warehouse.queries import quoted
from warehouse.settings import Settings
from warehouse.space import lack_of_space
from warehouse.spill import spill_folder

CATALOG = "lake"
_Result = TypeVar("_Result")
# What DuckLake, SQLite and PostgreSQL say when another writer was quicker; a query about a column named "conflict" is
# not among it, or a spelling mistake would be tried again and blamed on somebody else.
_CONFLICTS = (
    "database is locked",
    "transaction conflict",
    "could not serialize access",
    "deadlock detected",
    "exceeded the maximum retry count",
    "failed to load ducklake",
    # Two made the same catalog at once; DuckLake declares no unique constraint of its own that rows could break.
    "duplicate key value violates unique constraint",
    '"ducklake_metadata" already exists',
    # On SQLite the list of tables and the tables themselves are read through two connections: one that another
    # process has made between the two is named in the list and not found. A new transaction finds it.
    "table with name ducklake_inlined_data_",
    "failed to probe ducklake metadata: current transaction is aborted",
)


@contextmanager
def connect(
    settings: Settings, read_only: bool = False, files: Sequence[Path] = ()
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse for the length of a ``with`` block.

    Connections never travel between tasks; settings do. From then on this process writes for its owner alone (umask).

    Args:
        settings: Where the catalog and the data lie.
        read_only: Readers are never blocked by the writer and see the last commit; they are fenced in.
        files: Files outside of the lake that a reader may open all the same.

    Yields:
        A DuckDB connection whose default catalog is the lake.

    Raises:
        MicrosegError: There is no warehouse to read, or its catalog cannot be reached.
        SpaceError: The disk is full.
        DamageError: The catalog or a data file is damaged.
        BaseException: What a signal raises (Ctrl-C, the end that Prefect asks for), also in the middle of a statement.
    """
    if read_only:
        keep_private(settings)
    else:
        private_home(settings)
    with spill_folder(settings) as spill:
        yield from _connected(settings, spill, read_only, files)


def _connected(
    settings: Settings, spill: Path, read_only: bool, files: Sequence[Path]
) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(config=engine_config(settings) | {"temp_directory": str(spill)})
    try:
        attach(connection, settings, read_only, files)
        yield connection
    except RuntimeError as error:
        if str(error) != "Query interrupted":
            raise
        # So DuckDB passes on what a signal raised; as a mere error it would be tried again.
        raise error.__cause__ or KeyboardInterrupt() from None
    except (duckdb.Error, OSError) as error:
        if told := lack_of_space(settings, error) or damage(settings, error):
            raise told from error
        raise
    finally:
        connection.close()


def engine_config(settings: Settings) -> dict[str, str | bool | int | float | list[str]]:
    """Return DuckDB's start options: bounded memory, signed extensions, no downloads; a folder to spill to is added."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": settings.memory_limit,
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
        "allow_unsigned_extensions": all_checked(needed(settings)),
    }
    return config | ({"threads": settings.threads} if settings.threads else {})


def attach(
    connection: duckdb.DuckDBPyConnection, settings: Settings, read_only: bool = False, files: Sequence[Path] = ()
) -> None:
    """Attach the lake to a bare connection, make it the default catalog, and fence a reader in.

    Raises:
        MicrosegError: There is no warehouse to read, or its catalog cannot be reached.
    """
    connection.execute("SET enable_progress_bar = false")  # after two seconds it would be drawn into a query's output
    backend = settings.catalog_uri.split(":", 1)[0]
    for extension in needed(settings):
        load_extension(connection, extension)
    if settings.data_uri.startswith("s3://"):
        open_object_store(connection, settings)
    if read_only and backend == "sqlite":
        _require_file(settings)
    _attach_catalog(connection, settings, read_only)
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"USE {CATALOG}")
    if read_only:
        fence(connection, settings, files)


def _require_file(settings: Settings) -> None:
    path = Path(settings.catalog_uri.removeprefix("sqlite:"))
    # An empty file is what a first run leaves that was killed before it began.
    if not path.is_file() or not path.stat().st_size:
        raise MicrosegError(_absent(settings))


def _absent(settings: Settings) -> str:
    place = without_password(settings.catalog) or settings.home
    return f"no warehouse at {place}; run `microseg run` first"


def _attach_options(settings: Settings, read_only: bool) -> list[str]:
    options = [f"DATA_PATH {quoted(settings.data_uri)}"]
    if not settings.catalog and not settings.data_path:
        # The catalog keeps the path it was made with; a home that was moved or restored elsewhere must still open.
        # A shared catalog must not: a host with the wrong path would write where nobody else reads.
        options.append("OVERRIDE_DATA_PATH true")
    # Without WAL and time-out, one open reader makes every commit fail with "database is locked". The file remembers
    # WAL; a backup that was restored without it is for the next writer to turn, a reader may not.
    if settings.catalog_uri.startswith("sqlite:"):
        options.append(f"META_BUSY_TIMEOUT {settings.busy_timeout_ms}")
        options += [] if read_only else ["META_JOURNAL_MODE 'WAL'"]
    return options + ["READ_ONLY"] * read_only


def _attach_catalog(connection: duckdb.DuckDBPyConnection, settings: Settings, read_only: bool) -> None:
    address = address_of(settings.catalog_uri)
    options = [*_attach_options(settings, read_only), *hand_over_password(connection, address)]
    statement = f"ATTACH {quoted('ducklake:' + address.uri)} AS {CATALOG} ({', '.join(options)})"
    try:
        # Two processes that make the same warehouse at once collide here: the second finds it made.
        _retried(lambda: connection.execute(statement), settings.commit_attempts, pause=0.1)
    except duckdb.Error as error:
        problem = (
            lack_of_space(settings, error)
            or damage(settings, error)
            or MicrosegError(_attach_problem(settings, address, str(error)))
        )
    else:
        take_back_password(connection)
        return
    raise problem  # outside of the handler: the engine's own message quotes the password


def _attach_problem(settings: Settings, address: Address, message: str) -> str:
    if "does not exist - and creating" in message:
        return _absent(settings)
    if held := re.search(r'does not match existing data path in the catalog "(.*?)"', message):
        return f"the catalog keeps its tables in {held[1]}, not in {settings.data_uri}: set MICROSEG_DATA_PATH to it"
    reason = message.rpartition(f'{address.uri.partition(":")[2]}": ')[2]
    return f"the catalog cannot be opened: {without_password(reason).splitlines()[0]}"


def open_object_store(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Let DuckDB read and write s3:// addresses; the store's address and key stay in memory."""
    load_extension(connection, "httpfs")
    fields = {
        "KEY_ID": settings.s3_key_id,
        "SECRET": settings.s3_secret.get_secret_value(),
        "ENDPOINT": settings.s3_endpoint,
        "REGION": settings.s3_region,
        "URL_STYLE": settings.s3_url_style,
    }
    given = ", ".join(f"{key} {quoted(value)}" for key, value in fields.items() if value)
    use_ssl = str(settings.s3_use_ssl).lower()
    connection.execute(f"CREATE OR REPLACE SECRET object_store (TYPE s3, {given}, USE_SSL {use_ssl})")


def in_transaction(
    connection: duckdb.DuckDBPyConnection, work: Callable[[], _Result], attempts: int = 6, pause: float = 0.1
) -> _Result:
    """Run `work` as one transaction: all of it is committed, or nothing.

    A commit that collides with another writer's is rolled back and tried again with exponential back-off and
    jitter; `work` must therefore read what it needs inside the transaction.

    Args:
        connection: An open warehouse connection, outside of any transaction.
        work: Reads and writes through `connection`.
        attempts: Bound on the tries.
        pause: First pause in seconds; doubles with every try.

    Raises:
        ConflictError: Every try collided.
    """

    def once() -> _Result:
        connection.execute("BEGIN")
        try:
            result = work()
            connection.execute("COMMIT")
        except BaseException:
            _rollback(connection)
            raise
        return result

    return _retried(once, attempts, pause)


def _retried(action: Callable[[], _Result], attempts: int, pause: float) -> _Result:
    collision: duckdb.Error | None = None
    for attempt in range(attempts):
        if collision:
            sleep(pause * 2 ** (attempt - 1) * uniform(0.5, 1.5))  # noqa: S311 - jitter, not a secret
        try:
            return action()
        except duckdb.Error as error:
            if not _is_conflict(error):
                raise
            collision = error
    message = f"another writer kept the warehouse busy for {attempts} attempts; run again when it has finished"
    raise ConflictError(message) from collision


def _rollback(connection: duckdb.DuckDBPyConnection) -> None:
    with suppress(duckdb.Error):  # a failed COMMIT has already ended the transaction
        connection.execute("ROLLBACK")


def _is_conflict(error: duckdb.Error) -> bool:
    return any(sign in str(error).lower() for sign in _CONFLICTS)
