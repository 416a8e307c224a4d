"""A damaged file or catalog, told in one line: what the engine says of it, without the engine's words."""

import re

from warehouse.catalog import without_password
from warehouse.errors import DamageError
from warehouse.settings import Settings

# What DuckDB and the system say of a data file that is not there; of one that is there, whatever they say of it.
_MISSING = ("cannot open file", "no such file or directory", "no files found", "http 404", "404 (not found)")
# What SQLite says of a catalog that is not one, or not whole.
_CATALOG = ("file is not a database", "disk image is malformed", "file is encrypted or is not a database")
_FILE = re.compile(r"""["']([^"'\n]+)["']""")


def damage(settings: Settings, error: Exception) -> DamageError | None:
    """Return the error to raise in place of one that comes from a damaged file or catalog; None for any other.

    Args:
        settings: Where the warehouse lies.
        error: What the engine raised.
    """
    message = str(error)
    if any(sign in message.lower() for sign in _CATALOG):
        place = without_password(settings.catalog_uri.partition(":")[2])
        return DamageError(f"the catalog {place} is damaged: restore it from the backup")
    # The folder alone stands in what DuckLake says of a catalog that belongs to another one.
    files = (name for name in _FILE.findall(message) if name.endswith(".parquet"))
    inside = next((name for name in files if name.startswith(settings.data_uri)), "")
    if not inside:
        return None
    path = inside.removeprefix(settings.data_uri)
    return DamageError(
        f"damaged: {table_of(path)}, file {path} {_what(message)}; microseg verify says what restores it"
    )


def table_of(path: str) -> str:
    """Return the table that a data file belongs to, by where it lies.

    >>> table_of("spend/monthly/year=2025/month=1/ducklake-01.parquet")
    'spend.monthly'
    """
    return ".".join(path.split("/")[:2])


def _what(message: str) -> str:
    return "is missing" if any(sign in message.lower() for sign in _MISSING) else "cannot be read"
