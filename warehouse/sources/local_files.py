"""Files of this machine as sources: which ones a pattern names, whether they may be read, and what is in them."""

import errno
import glob
import gzip
import os
import stat
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import time_ns

from warehouse.errors import SourceError
from warehouse.files import sha256_of
from warehouse.settings import Settings
from warehouse.sources.reasons import shown
from warehouse.sources.source import FileStat, Source, check_name, check_size, kind_of

_CHUNK = 1 << 20
# A file that was written a moment ago may be written again within one tick of the file system's clock, and would then
# look the same with other content.
SETTLED_NS = 2_000_000_000


def local_sources(settings: Settings, pattern: str) -> list[Source]:
    """Return the files that a path or a glob names, in the order of their names. None of them is read.

    Raises:
        SourceError: Nothing matches, or something that matches cannot be a source.
    """
    matches = _matches(pattern)
    if not matches:
        told = shown(pattern)
        raise SourceError(f"no file matches {told}: check the path, and quote the glob so that the shell leaves it")
    # A broad glob may sweep up notes and folders; what the user named outright must be readable as data.
    named = len(matches) == 1
    paths = [Path(match) for match in matches if named or kind_of(match) is not None]
    if not paths:
        raise SourceError(f"none of the {len(matches)} files that match {shown(pattern)} is .csv, .csv.gz or .parquet")
    return [_local_source(settings, path) for path in paths]


def _matches(pattern: str) -> list[str]:
    try:
        # A file whose name holds glob characters is still the file that the user named.
        if Path(pattern).exists():
            return [pattern]
        if closed := _closed_folder(pattern):
            raise SourceError(f"{shown(closed)} cannot be looked into: its permissions forbid it; nothing was loaded")
        return sorted(glob.glob(pattern, recursive=True))
    except (OSError, ValueError) as error:
        raise SourceError(f"{shown(pattern)} cannot be looked for: {_why(error)}") from None


def _closed_folder(pattern: str) -> str | None:
    """Return a folder on the way of a glob that may not be read: glob itself would leave it out without a word."""
    folders = list(reversed(Path(pattern).parents))
    for folder, below in zip(folders, [*(each.name for each in folders[1:]), Path(pattern).name], strict=True):
        listed = glob.has_magic(below) or folder.name == "**"
        need = os.X_OK | (os.R_OK if listed else 0)
        for match in glob.iglob(os.path.join(folder, ""), recursive=True):
            if not os.access(match, need):
                return match
    return None


def _local_source(settings: Settings, given: Path) -> Source:
    check_name(str(given))
    path, found = _looked_at(given)
    check_name(str(path))
    kind = kind_of(path.name)
    if stat.S_ISDIR(found.st_mode):
        raise SourceError(f"{path} is a directory: name its files, for example {path}/*.parquet")
    if not stat.S_ISREG(found.st_mode):
        raise SourceError(f"{path} is not a file but a pipe or a device: write its content to a file first")
    if kind is None:
        raise SourceError(f"{path}: only .csv, .csv.gz and .parquet are read; unpack or convert it first")
    check_size(settings, str(path), found.st_size)
    return Source(
        str(path),
        glob.escape(str(path)),
        kind,
        "",
        _stat(found),
        changed_ns=found.st_ctime_ns,
        size=found.st_size,
    )


def _looked_at(given: Path) -> tuple[Path, os.stat_result]:
    try:
        path = given.resolve(strict=True)
        return path, path.stat()
    except (OSError, RuntimeError) as error:  # a loop of links is a RuntimeError before Python 3.13
        raise SourceError(f"{given} cannot be read: {_why(error)}") from None


def _why(error: Exception) -> str:
    if isinstance(error, RuntimeError) or getattr(error, "errno", None) == errno.ELOOP:
        return "it is a symbolic link that leads back to itself"
    if isinstance(error, FileNotFoundError):
        return "it is no longer there, or a link to nothing"
    return os.strerror(error.errno) if isinstance(error, OSError) and error.errno else "it is no path"


def _stat(found: os.stat_result) -> FileStat:
    return FileStat(found.st_size, found.st_mtime_ns, found.st_ino)


def hash_file(settings: Settings, source: Source) -> Source:
    """Return a file's source with the SHA-256 of its content as fingerprint.

    Raises:
        SourceError: The file cannot be read, or unpacks to more than it may.
    """
    path = Path(source.name)
    try:
        return replace(source, fingerprint="sha256:" + _digest(settings, path))
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {_why(error)}") from None


def look_again(settings: Settings, source: Source) -> Source:
    """Return a file's source as it is now, with the fingerprint of its content.

    Raises:
        SourceError: It is gone, or can be no source any more.
    """
    return hash_file(settings, replace(_local_source(settings, Path(source.name)), feed=source.feed))


def is_unchanged(settings: Settings, source: Source, digest: str) -> bool:
    """Tell whether a file is still what it was when it was found, and so was while it was read in between.

    A rewrite with the very same content counts, too: a reader in the middle of it sees a part of the rows.

    Args:
        settings: Bounds on sizes.
        source: As it was found; True for what is no file.
        digest: Its fingerprint then, as `hash_file` made it.
    """
    if source.stat is None:
        return True
    try:
        now = Path(source.name).stat()
        if (_stat(now), now.st_ctime_ns) != (source.stat, source.changed_ns):
            return False
        return time_ns() - source.stat.mtime_ns > SETTLED_NS or hash_file(settings, source).fingerprint == digest
    except (OSError, SourceError):
        return False


def _digest(settings: Settings, path: Path) -> str:
    check_expansion(settings, str(path), str(path), path.stat().st_size)
    return sha256_of(path)


def check_expansion(settings: Settings, name: str, place: str, size: int) -> None:
    """Refuse a gzip file that unpacks to more than it may.

    Args:
        settings: The bounds.
        name: What the source is called; another than .gz is no gzip file.
        place: Where its content lies.
        size: Its bytes.

    Raises:
        SourceError: With the bound.
    """
    if not is_packed(name):
        return
    bound = min(size * settings.max_expansion + _CHUNK, settings.max_file_bytes)
    if sum(map(len, unpacked(name, place, bound))) > bound:
        raise SourceError(f"{name} unpacks to more than {bound:,} bytes: refused as a compression bomb")


def is_packed(name: str) -> bool:
    """Return whether a file of this name is a gzip file."""
    return name.lower().endswith(".gz")


def unpacked(name: str, place: str, bound: int | None = None) -> Iterator[bytes]:
    """Return the content of a file in chunks, unpacked where its name ends in .gz.

    Args:
        name: What the source is called.
        place: Where its content lies.
        bound: Stop behind so many bytes.

    Raises:
        SourceError: It is not a whole gzip file.
    """
    grown = 0
    try:
        with gzip.open(place) if is_packed(name) else Path(place).open("rb") as file:
            while (chunk := file.read(_CHUNK)) and (bound is None or grown <= bound):
                grown += len(chunk)
                yield chunk
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise SourceError(f"{name} is not a whole gzip file ({error}): have it delivered again") from None


def first_bytes(name: str, size: int) -> bytes:
    """Return how a file begins, unpacked where its name ends in .gz.

    Raises:
        SourceError: It cannot be read, or is not a whole gzip file.
    """
    try:
        start = b""
        for chunk in unpacked(name, name, size):
            start += chunk
    except OSError as error:
        raise SourceError(f"{name} cannot be read: {_why(error)}") from None
    return start[:size]
