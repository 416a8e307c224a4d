"""Finds the sources of a run and guards against those that must not be read."""

import glob
import gzip
import hashlib
import re
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import duckdb

from warehouse.connection import open_object_store
from warehouse.errors import SourceError
from warehouse.queries import quoted
from warehouse.settings import Settings
from warehouse.sources.reasons import reason_of

SourceKind = Literal["csv", "parquet", "postgres"]
_ENDINGS: dict[str, SourceKind] = {".csv": "csv", ".csv.gz": "csv", ".parquet": "parquet"}
_CHUNK = 1 << 20
_SETTING = re.compile(r"(\w+)\s*=\s*('(?:[^'\\]|\\.)*'|[^\s&]+)")
_PORT = re.compile(r":(\d+)$")


class FileStat(NamedTuple):
    """What a file looks like from outside: while none of it changes, neither does the content."""

    size: int
    mtime_ns: int
    inode: int


@dataclass(frozen=True)
class Source:
    """One thing to load.

    Attributes:
        name: What the ledger calls it: absolute path, s3:// address, or the query; never a password.
        uri: What DuckDB reads.
        kind: How DuckDB reads it.
        fingerprint: Changes when the content does; empty where only the staged rows can tell, and for a file until
            `hash_file` has read it.
        stat: Of a file; None for all others.
        feed: The feed that it came by, as `feed_of` calls it.
    """

    name: str
    uri: str
    kind: SourceKind
    fingerprint: str
    stat: FileStat | None = None
    feed: str = ""

    @property
    def load_id(self) -> str:
        """Identity of this version of the source: the same content under the same name is the same load."""
        return load_id(self.name, self.fingerprint)


def load_id(name: str, fingerprint: str) -> str:
    """Return the 16 hexadecimal digits that name a version of a source in every table."""
    return hashlib.sha256(f"{name}\n{fingerprint}".encode()).hexdigest()[:16]


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
    return _local_sources(settings, pattern)


def _local_sources(settings: Settings, pattern: str) -> list[Source]:
    # A file whose name holds glob characters is still the file that the user named.
    matches = [pattern] if Path(pattern).exists() else sorted(glob.glob(pattern, recursive=True))
    if not matches:
        raise SourceError(f"no file matches {pattern}: check the path, and quote the glob so that the shell leaves it")
    # A broad glob may sweep up notes and folders; what the user named outright must be readable as data.
    named = len(matches) == 1
    paths = [Path(match) for match in matches if named or _kind(match) is not None]
    if not paths:
        raise SourceError(f"none of the {len(matches)} files that match {pattern} is .csv, .csv.gz or .parquet")
    return [_local_source(settings, path.resolve()) for path in paths]


def _local_source(settings: Settings, path: Path) -> Source:
    kind = _kind(path.name)
    if path.is_dir():
        raise SourceError(f"{path} is a directory: name its files, for example {path}/*.parquet")
    if kind is None:
        raise SourceError(f"{path}: only .csv, .csv.gz and .parquet are read; unpack or convert it first")
    try:
        found = path.stat()
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from error
    _check_size(settings, path, found.st_size)
    stat = FileStat(found.st_size, found.st_mtime_ns, found.st_ino)
    return Source(str(path), glob.escape(str(path)), kind, "", stat)


def hash_file(settings: Settings, source: Source) -> Source:
    """Return a file's source with the SHA-256 of its content as fingerprint.

    Raises:
        SourceError: The file cannot be read, or unpacks to more than it may.
    """
    path = Path(source.name)
    try:
        return replace(source, fingerprint="sha256:" + _digest(settings, path, path.stat().st_size))
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from error


def _kind(name: str) -> SourceKind | None:
    return next((kind for ending, kind in _ENDINGS.items() if name.lower().endswith(ending)), None)


def _check_size(settings: Settings, path: Path | str, size: int) -> None:
    if size == 0:
        raise SourceError(f"{path} is empty: not even a header; have it delivered again")
    if size > settings.max_file_bytes:
        raise SourceError(f"{path} has {size:,} bytes, above MICROSEG_MAX_FILE_BYTES: split it or raise the limit")


def _digest(settings: Settings, path: Path, size: int) -> str:
    if path.name.lower().endswith(".gz"):
        _check_expansion(path, min(size * settings.max_expansion + _CHUNK, settings.max_file_bytes))
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _check_expansion(path: Path, bound: int) -> None:
    grown = 0
    try:
        with gzip.open(path) as file:
            while chunk := file.read(_CHUNK):
                grown += len(chunk)
                if grown > bound:
                    raise SourceError(f"{path} unpacks to more than {bound:,} bytes: refused as a compression bomb")
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise SourceError(f"{path} is not a whole gzip file ({error}): have it delivered again") from error


def _remote_sources(connection: duckdb.DuckDBPyConnection, settings: Settings, pattern: str) -> list[Source]:
    open_object_store(connection, settings)
    # Object stores are not hashed through the network: size and time of change stand for the content.
    listing = f"SELECT filename, size, last_modified FROM read_blob({quoted(pattern)}) ORDER BY filename"
    try:
        rows = connection.execute(listing).fetchall()
    except duckdb.Error as error:
        raise SourceError(f"{pattern} cannot be listed: {reason_of(error)}") from None
    found = [(name, kind, size, changed) for name, size, changed in rows if (kind := _kind(name)) is not None]
    if not found:
        raise SourceError(f"no .csv, .csv.gz or .parquet object matches {pattern}")
    for name, _, size, _ in found:
        _check_size(settings, name, size)
    return [Source(name, name, kind, f"stat:{size}:{changed}") for name, kind, size, changed in found]


def _postgres_source(dsn: str, sql: str) -> Source:
    if not sql.strip():
        raise SourceError("a PostgreSQL source needs --query with the SELECT of this load")
    address = dsn if "://" in dsn else dsn.removeprefix("postgres:")  # as PostgreSQL's own library takes it
    return Source(f"postgres:{database_of(dsn)}: {' '.join(sql.split())}", address, "postgres", "")


def database_of(dsn: str) -> str:
    """Return host and name of a database, which tell two of them apart, and nothing that is secret."""
    parts = urlsplit(dsn)
    given = dict(_SETTING.findall(dsn)) | dict(parse_qsl(parts.query))
    host = parts.hostname or given.get("host", "local")
    port = _PORT.findall(parts.netloc) or [given.get("port", "5432")]
    return f"{host}:{port[0]}/{parts.path.strip('/') if parts.netloc or parts.query else given.get('dbname', '')}"
