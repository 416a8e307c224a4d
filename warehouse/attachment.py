"""Attaches the lake to a bare DuckDB: extensions, object store, catalog, and a reader's fence."""

import re
from collections.abc import Sequence
from pathlib import Path

import duckdb

from warehouse.catalog import Address, address_of, hand_over_password, take_back_password, without_password
from warehouse.conflicts import retried
from warehouse.damage import damage
from warehouse.errors import MicrosegError, OutageError
from warehouse.extensions import load_extension, needed
from warehouse.fence import fence
from warehouse.outage import is_of_catalog
from warehouse.queries import quoted
from warehouse.settings import Settings
from warehouse.space import lack_of_space

CATALOG = "lake"
# DuckLake's own tables (their layout is its published specification), reached through the connection that has the lake.
METADATA = f"__ducklake_metadata_{CATALOG}"
# A store that is asked too much says 503 for some seconds: nine tries whose pauses double from 0.1 s on bridge half a
# minute, DuckDB's own three half a second.
_PATIENCE = {"http_retries": 9, "http_retry_wait_ms": 100, "http_retry_backoff": 2}


def attach(
    connection: duckdb.DuckDBPyConnection, settings: Settings, read_only: bool = False, files: Sequence[Path] = ()
) -> None:
    """Attach the lake to a bare connection, make it the default catalog, and fence a reader in.

    Args:
        connection: A bare DuckDB.
        settings: Catalog, data path and object store.
        read_only: Whether to fence it in, for good.
        files: Files outside of the lake that a reader may open all the same.

    Raises:
        MicrosegError: There is no warehouse to read, or its catalog cannot be reached.
    """
    backend = settings.catalog_uri.split(":", 1)[0]
    for extension in needed(settings):
        load_extension(connection, extension)
    if settings.data_uri.startswith("s3://"):
        open_object_store(connection, settings)
    if read_only and backend == "sqlite":
        _require_file(settings)
    _attach_catalog(connection, settings, read_only)
    connection.execute("SET GLOBAL TimeZone = 'UTC'")  # of its cursors, too
    connection.execute(f"USE {CATALOG}")
    connection.execute("DETACH memory")  # where a table would outlive the use that made it
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


def attach_options(settings: Settings, read_only: bool) -> list[str]:
    """Return the options of ATTACH that the catalog needs."""
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
    options = [*attach_options(settings, read_only), *hand_over_password(connection, address)]
    statement = f"ATTACH {quoted('ducklake:' + address.uri)} AS {CATALOG} ({', '.join(options)})"
    try:
        # Two processes that make the same warehouse at once collide here: the second finds it made.
        retried(lambda: connection.execute(statement), settings.commit_attempts, pause=0.1)
    except duckdb.Error as error:
        problem = (
            lack_of_space(settings, error)
            or damage(settings, error)
            or _attach_error(str(error))(_attach_problem(settings, address, str(error)))
        )
    else:
        take_back_password(connection)
        return
    raise problem  # outside of the handler: the engine's own message quotes the password


def _attach_error(message: str) -> type[MicrosegError]:
    return OutageError if is_of_catalog(message) else MicrosegError


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
    for name, value in _PATIENCE.items():
        connection.execute(f"SET GLOBAL {name} = {value}")
    connection.execute(f"CREATE OR REPLACE SECRET object_store (TYPE s3, {given}, USE_SSL {use_ssl})")
