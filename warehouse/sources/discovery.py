"""Finds the sources of a run and guards against those that must not be read."""

import re
from urllib.parse import SplitResult, parse_qsl, urlsplit

import duckdb

from warehouse.attachment import open_object_store
from warehouse.errors import SourceError
from warehouse.queries import quoted
from warehouse.settings import Settings
from warehouse.sources.local_files import hash_file, local_sources
from warehouse.sources.reasons import reason_of, shown
from warehouse.sources.source import FileStat, Source, SourceKind, check_name, check_size, kind_of, load_id

__all__ = ["FileStat", "Source", "SourceKind", "database_of", "find_sources", "hash_file", "load_id"]
_SETTING = re.compile(r"(\w+)\s*=\s*('(?:[^'\\]|\\.)*'|[^\s&]+)")
_PORT = re.compile(r":(\d+)$")


def find_sources(
    connection: duckdb.DuckDBPyConnection, settings: Settings, pattern: str, sql: str = ""
) -> list[Source]:
    """Resolve what the user named into sources, in the order of their names. No file is read.

    Args:
        connection: Used for s3:// listings.
        settings: Bounds on sizes.
        pattern: A path, a glob, an s3:// glob, or a PostgreSQL connection string.
        sql: The query of this load, for PostgreSQL.

    Raises:
        SourceError: Nothing matches, or something that matches cannot be a source.
    """
    if pattern.startswith(("postgres://", "postgresql://", "postgres:")):
        return [_postgres_source(pattern, sql)]
    if pattern.startswith("s3://"):
        return _remote_sources(connection, settings, pattern)
    return local_sources(settings, pattern)


def _remote_sources(connection: duckdb.DuckDBPyConnection, settings: Settings, pattern: str) -> list[Source]:
    open_object_store(connection, settings)
    # Object stores are not hashed through the network: size and time of change stand for the content.
    listing = f"SELECT filename, size, last_modified FROM read_blob({quoted(pattern)}) ORDER BY filename"
    try:
        rows = connection.execute(listing).fetchall()
    except duckdb.Error as error:
        raise SourceError(f"{shown(pattern)} cannot be listed: {reason_of(error)}") from None
    found = [(name, kind, size, changed) for name, size, changed in rows if (kind := kind_of(name)) is not None]
    if not found:
        raise SourceError(f"no .csv, .csv.gz or .parquet object matches {shown(pattern)}")
    for name, _, size, _ in found:
        check_name(name)
        check_size(settings, name, size)
    return [Source(name, name, kind, f"stat:{size}:{changed}", size=size) for name, kind, size, changed in found]


def _postgres_source(dsn: str, sql: str) -> Source:
    if not sql.strip():
        raise SourceError("a PostgreSQL source needs --query with the SELECT of this load")
    address = dsn if "://" in dsn else dsn.removeprefix("postgres:")  # as PostgreSQL's own library takes it
    return Source(f"postgres:{database_of(dsn)}: {' '.join(sql.split())}", address, "postgres", "")


def database_of(dsn: str) -> str:
    """Return host and name of a database, which tell two of them apart, and nothing that is secret."""
    parts, given = _parts(dsn)
    host = parts.hostname or given.get("host", "local")
    port = _PORT.findall(parts.netloc) or [given.get("port", "5432")]
    return f"{host}:{port[0]}/{parts.path.strip('/') if parts.netloc or parts.query else given.get('dbname', '')}"


def holds_password(address: str) -> bool:
    """Return whether the address of a database has a password in it.

    >>> holds_password("postgresql://night:secret@db/bank"), holds_password("postgres:host=db password=secret")
    (True, True)
    >>> holds_password("postgresql://night@db/bank"), holds_password("exports/password=1/*.csv")
    (False, False)
    """
    parts, given = _parts(address)
    return address.startswith(("postgres:", "postgresql:")) and bool(parts.password or "password" in given)


def _parts(dsn: str) -> tuple[SplitResult, dict[str, str]]:
    try:
        parts = urlsplit(dsn)
        parts.hostname  # noqa: B018 - half an address in brackets is an error only when it is asked for
    except ValueError:  # the server's own library says so when it is opened
        parts = urlsplit("")
    return parts, dict(_SETTING.findall(dsn)) | dict(parse_qsl(parts.query))
