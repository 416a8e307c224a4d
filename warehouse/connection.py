"""The one door to the warehouse: a DuckDB connection with the DuckLake catalog attached."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from random import uniform
from time import sleep
from typing import TypeVar

import duckdb

from warehouse.errors import ConflictError
from warehouse.queries import quoted
from warehouse.settings import Settings

CATALOG = "lake"
_Result = TypeVar("_Result")
_CONFLICTS = ("database is locked", "transaction conflict", "conflict", "could not serialize", "deadlock")


@contextmanager
def connect(settings: Settings, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse for the length of a ``with`` block.

    Connections never travel between tasks; settings do.

    Args:
        settings: Where the catalog and the data lie.
        read_only: Readers are never blocked by the writer and see the last commit.

    Yields:
        A DuckDB connection whose default catalog is the lake.
    """
    connection = duckdb.connect(config=engine_config(settings))
    try:
        attach(connection, settings, read_only)
        yield connection
    finally:
        connection.close()


def engine_config(settings: Settings) -> dict[str, str | bool | int | float | list[str]]:
    """Return DuckDB's start options: bounded memory, spilling below the home, no surprise downloads."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": settings.memory_limit,
        "temp_directory": str(settings.home.resolve() / "tmp"),
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
    }
    return config | ({"threads": settings.threads} if settings.threads else {})


def attach(connection: duckdb.DuckDBPyConnection, settings: Settings, read_only: bool = False) -> None:
    """Attach the lake to a bare connection and make it the default catalog."""
    backend = settings.catalog_uri.split(":", 1)[0]
    remote = settings.data_uri.startswith("s3://")
    scanner = "sqlite_scanner" if backend == "sqlite" else "postgres_scanner"
    for extension in ["ducklake", scanner] + (["httpfs"] if remote else []):
        load_extension(connection, extension)
    if remote:
        create_secret(connection, settings)
    if not read_only:
        settings.home.mkdir(parents=True, exist_ok=True)
    connection.execute(_attach_statement(settings, backend, read_only))
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"USE {CATALOG}")


def _attach_statement(settings: Settings, backend: str, read_only: bool) -> str:
    # The catalog keeps the path it was made with; a home that was moved or restored elsewhere must still open.
    options = [f"DATA_PATH {quoted(settings.data_uri)}", "OVERRIDE_DATA_PATH true"]
    if backend == "sqlite":
        # Without these two, one open reader makes every commit fail with "database is locked".
        options += ["META_JOURNAL_MODE 'WAL'", f"META_BUSY_TIMEOUT {settings.busy_timeout_ms}"]
    if read_only:
        options.append("READ_ONLY")
    return f"ATTACH {quoted('ducklake:' + settings.catalog_uri)} AS {CATALOG} ({', '.join(options)})"


def load_extension(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Load a signed extension from its wheel, without copying it; `INSTALL` only where the wheel is absent."""
    spec = find_spec(f"duckdb_extension_{name}")
    if spec is None or spec.origin is None:
        connection.execute(f"INSTALL {name}; LOAD {name}")
        return
    binary = Path(spec.origin).parent / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
    connection.execute(f"LOAD {quoted(str(binary))}")


def create_secret(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Hand the object store's address and key to DuckDB, in memory only."""
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
    for attempt in range(attempts):
        connection.execute("BEGIN")
        try:
            result = work()
            connection.execute("COMMIT")
        except duckdb.Error as error:
            _rollback(connection)
            if not _is_conflict(error):
                raise
            sleep(pause * 2**attempt * uniform(0.5, 1.5))  # noqa: S311 - jitter, not a secret
        except BaseException:
            _rollback(connection)
            raise
        else:
            return result
    raise ConflictError(f"another writer kept the warehouse busy through {attempts} tries; run again when it is done")


def _rollback(connection: duckdb.DuckDBPyConnection) -> None:
    try:
        connection.execute("ROLLBACK")
    except duckdb.Error:
        return  # a failed COMMIT has already ended the transaction


def _is_conflict(error: duckdb.Error) -> bool:
    text = str(error).lower()
    return any(sign in text for sign in _CONFLICTS) and "constraint" not in text
