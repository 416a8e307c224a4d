"""What a source is: one file, object or query, and the version of it that is to be loaded."""

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from warehouse.errors import SourceError
from warehouse.settings import Settings
from warehouse.sources.reasons import shown

if TYPE_CHECKING:
    from warehouse.reference.sets import SourceFormat

SourceKind = Literal["csv", "parquet", "postgres"]
_CONTRACT = " contract:"
_ENDINGS: Final[dict[str, SourceKind]] = {".csv": "csv", ".csv.gz": "csv", ".parquet": "parquet"}


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
        changed_ns: When the file system last noted a change of the file, which nobody can put back; 0 for all others.
        size: Bytes of a file or an object; 0 for a query.
    """

    name: str
    uri: str
    kind: SourceKind
    fingerprint: str
    stat: FileStat | None = None
    feed: str = ""
    changed_ns: int = 0
    size: int = 0

    @property
    def load_id(self) -> str:
        """Identity of this version of the source: the same content under the same name is the same load."""
        return load_id(self.name, self.fingerprint)


def load_id(name: str, fingerprint: str) -> str:
    """Return the 16 hexadecimal digits that name a version of a source in every table."""
    return hashlib.sha256(f"{name}\n{fingerprint}".encode()).hexdigest()[:16]


def under_contract(source: Source, contract: "SourceFormat") -> Source:
    """Make the contract part of a file's version: another sign or date format makes other rows of the same bytes."""
    if not source.fingerprint:
        return source
    digest = hashlib.sha256(repr(contract).encode()).hexdigest()[:16]
    return replace(source, fingerprint=f"{source.fingerprint}{_CONTRACT}{digest}")


def content_of(source: Source) -> str:
    """Return the fingerprint of a file's content alone, whatever the contract."""
    return source.fingerprint.partition(_CONTRACT)[0]


def kind_of(name: str) -> SourceKind | None:
    """Return how a file or object is read, by the ending of its name; None where it is none of ours."""
    return next((kind for ending, kind in _ENDINGS.items() if name.lower().endswith(ending)), None)


def check_name(name: str) -> None:
    """Refuse a name that no table and no message can hold.

    Raises:
        SourceError: It is not UTF-8, or holds a line break or another character that cannot be printed.
    """
    if not name.isprintable():  # nor are the stand-ins for undecodable bytes
        raise SourceError(
            f"{shown(name)}: its name is not UTF-8, or holds characters that cannot be printed: rename it"
        )


def check_size(settings: Settings, name: str, size: int) -> None:
    """Refuse what is empty, or larger than a load may be.

    Raises:
        SourceError: With the limit.
    """
    if size == 0:
        raise SourceError(f"{name} is empty: not even a header; have it delivered again")
    if size > settings.max_file_bytes:
        raise SourceError(f"{name} has {size:,} bytes, above MICROSEG_MAX_FILE_BYTES: split it or raise the limit")
