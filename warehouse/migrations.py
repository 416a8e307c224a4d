"""Brings the schema of the warehouse to the version of this code: numbered files, each in one transaction."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import duckdb

from warehouse.connection import in_transaction
from warehouse.errors import MicrosegError
from warehouse.queries import query, query_names
from warehouse.settings import Settings


def migrate(connection: duckdb.DuckDBPyConnection, attempts: int = 6) -> list[int]:
    """Apply the files of ``sql/schema/`` that the warehouse does not have yet.

    Two processes that migrate at once are safe: the second one's commit conflicts and finds the work done.

    Args:
        connection: A writing warehouse connection.
        attempts: Bound on the tries of each transaction.

    Returns:
        The versions applied now; empty when the schema was current.

    Raises:
        MicrosegError: The warehouse is newer than this code, or an applied file was edited later.
    """
    names = query_names("schema")
    applied = in_transaction(connection, lambda: _applied(connection), attempts)
    if applied == {version: _digest(name) for version, name in enumerate(names, start=1)}:
        return []
    in_transaction(connection, lambda: refuse_newer(connection), attempts)
    in_transaction(connection, lambda: _create_ledger(connection), attempts)
    return [
        version
        for version, name in enumerate(names, start=1)
        if in_transaction(connection, lambda v=version, n=name: _apply(connection, v, n), attempts)  # type: ignore[misc]
    ]


def refuse_newer(connection: duckdb.DuckDBPyConnection) -> None:
    """Refuse a warehouse that a newer release has written to.

    Raises:
        MicrosegError: It has a schema version that this code does not know.
    """
    known = len(query_names("schema"))
    if (current := schema_version(connection)) > known:
        raise MicrosegError(
            f"the warehouse has schema version {current}, this microseg only knows versions up to {known}: "
            "install a newer release"
        )


def schema_version(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the highest applied version, 0 for an empty warehouse."""
    ledger = connection.execute(
        "SELECT 1 FROM duckdb_tables() WHERE database_name = current_database() "
        "AND schema_name = 'ops' AND table_name = 'schema_versions'"
    ).fetchone()
    if ledger is None:
        return 0
    row = connection.execute("SELECT coalesce(max(version), 0) FROM ops.schema_versions").fetchone()
    return int(row[0]) if row else 0


@contextmanager
def expect_schema(settings: Settings) -> Iterator[None]:
    """Turn what a warehouse of an older schema answers into one clear line, for readers: they do not migrate.

    Raises:
        MicrosegError: A table or column is not there yet.
    """
    try:
        yield
    except (duckdb.BinderException, duckdb.CatalogException) as error:
        where = settings.home.resolve()
        raise MicrosegError(f"the warehouse of {where} is of an older version: run `microseg run` once") from error


def _applied(connection: duckdb.DuckDBPyConnection) -> dict[int, str]:
    """Return the hashes of the files that were applied, all in one question: every command begins with it."""
    with suppress(duckdb.CatalogException):  # an empty warehouse
        return dict(connection.execute("SELECT version, sha256 FROM ops.schema_versions").fetchall())
    return {}


def _digest(name: str) -> str:
    return hashlib.sha256(query(name).encode()).hexdigest()


def _create_ledger(connection: duckdb.DuckDBPyConnection) -> None:
    if schema_version(connection):
        return
    connection.execute("CREATE SCHEMA IF NOT EXISTS ops")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS ops.schema_versions "
        "(version INTEGER, name VARCHAR, sha256 VARCHAR, applied_at TIMESTAMPTZ)"
    )


def _apply(connection: duckdb.DuckDBPyConnection, version: int, name: str) -> bool:
    digest = _digest(name)
    row = connection.execute("SELECT sha256 FROM ops.schema_versions WHERE version = $1", [version]).fetchone()
    if row is not None:
        if row[0] != digest:
            raise MicrosegError(f"sql/{name}.sql was edited after it was applied; write a new numbered file instead")
        return False
    connection.execute(query(name))
    connection.execute("INSERT INTO ops.schema_versions VALUES ($1, $2, $3, now())", [version, name, digest])
    return True
