"""DuckDB's extensions, from their wheels: nothing is downloaded, and each signature is checked once a process."""

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

import duckdb

from warehouse.errors import MicrosegError
from warehouse.queries import quoted
from warehouse.settings import Settings

_checked: set[str] = set()


def needed(settings: Settings) -> list[str]:
    """Return the extensions that a connection to the warehouse loads."""
    backend = settings.catalog_uri.partition(":")[0]
    remote = ["httpfs"] if settings.data_uri.startswith("s3://") else []
    return ["ducklake", "sqlite_scanner" if backend == "sqlite" else "postgres_scanner", *remote]


def all_checked(names: Iterable[str]) -> bool:
    """Tell whether this process has checked the signature of every one of these extensions.

    Hashing them takes 0.3 of the 0.4 seconds of a connection, and a night connects some twenty times: a connection
    that finds all of its extensions checked need not do it again.
    """
    return _checked.issuperset(names)


def load_extension(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Load a signed extension from its wheel, without copying it; `INSTALL` only where the wheel is absent.

    Raises:
        MicrosegError: It is neither there nor to be had.
    """
    binary = binary_of(name)
    if binary is None:
        _install(connection, name)
        return
    load = f"LOAD {quoted(str(binary))}"
    if name not in _checked and _trusting(connection):
        with duckdb.connect() as strict:
            strict.execute(load)
    connection.execute(load)
    _checked.add(name)


def binary_of(name: str) -> Path | None:
    """Return where the wheel of an extension holds it; None where there is no wheel."""
    spec = find_spec(f"duckdb_extension_{name}")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"


def _trusting(connection: duckdb.DuckDBPyConnection) -> bool:
    return connection.execute("SELECT current_setting('allow_unsigned_extensions')").fetchone() == (True,)


def _install(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    try:
        connection.execute(f"INSTALL {name}; LOAD {name}")
    except duckdb.Error as error:
        wheel = f"duckdb-extension-{name.replace('_', '-')}=={duckdb.__version__}"
        raise MicrosegError(f"DuckDB's extension {name} is absent and cannot be downloaded: install {wheel}") from error
