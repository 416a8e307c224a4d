"""Objects of a store as files of this machine: fetched once, in pieces, and then looked at like any other file.

DuckDB could read a CSV object where it lies, but leaves out without a word what does not fit into its buffer.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from warehouse.errors import SourceError
from warehouse.settings import Settings
from warehouse.sources.copies import private_copy
from warehouse.sources.local_files import check_expansion
from warehouse.sources.reasons import reason_of
from warehouse.sources.source import Source

if TYPE_CHECKING:
    from pyarrow.fs import S3FileSystem

_PIECE = 8 << 20
_REGION = "us-east-1"  # what DuckDB takes where none is set


@contextmanager
def fetched(settings: Settings, source: Source) -> Iterator[str]:
    """Fetch an object into a private copy, which is gone with the block.

    Args:
        settings: Address and key of the store, bounds on sizes; the home takes the copy.
        source: A CSV object, packed or not.

    Yields:
        A path under which this process can open the copy.

    Raises:
        SourceError: The object cannot be read, is larger than it was when it was found, or unpacks to more than it may.
    """
    with private_copy(settings, _pieces(settings, source)) as place:
        check_expansion(settings, source.name, place, source.size)
        yield place


def remove_folder(settings: Settings, address: str) -> None:
    """Remove all objects whose addresses begin with one.

    Args:
        settings: Address and key of the store.
        address: In full, with ``s3://`` and a slash at the end.

    Raises:
        OSError: They cannot be removed.
    """
    _store(settings).delete_dir(address.removeprefix("s3://").rstrip("/"))


def _pieces(settings: Settings, source: Source) -> Iterator[bytes]:
    left = source.size
    try:
        with _store(settings).open_input_stream(source.name.removeprefix("s3://"), compression=None) as stream:
            while piece := stream.read(_PIECE):
                left -= len(piece)
                if left < 0:
                    break
                yield piece
    except OSError as error:
        raise SourceError(f"{source.name} cannot be read: {reason_of(error)}; nothing was loaded") from None
    if left:
        raise SourceError(f"{source.name} changed while it was read: run again when it is whole; nothing was loaded")


def _store(settings: Settings) -> "S3FileSystem":
    from pyarrow.fs import S3FileSystem

    key = {"access_key": settings.s3_key_id, "secret_key": settings.s3_secret.get_secret_value()}
    return S3FileSystem(
        **(key if settings.s3_key_id else {"anonymous": True}),
        region=settings.s3_region or _REGION,
        endpoint_override=settings.s3_endpoint or None,
        scheme="https" if settings.s3_use_ssl else "http",
        force_virtual_addressing=settings.s3_url_style == "vhost",
    )
