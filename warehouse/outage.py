"""A server that went away, told in one line: the catalog's, or the object store. What was committed is whole."""

import re

from warehouse.errors import OutageError
from warehouse.settings import Settings

# What PostgreSQL's client says when the server ends, is restarted or cannot be reached. DuckLake passes on of a commit
# that the server did not survive only that it could not be rolled back either.
_CATALOG = (
    "server closed the connection unexpectedly",
    "terminating connection due to",
    "terminating connection because of",
    "no connection to the server",
    "could not receive data from server",
    "could not send data to server",
    "the database system is",
    "connection refused",
    'failed to commit: failed to execute query "rollback"',
)
# What DuckDB says of a store that answers with a fault of its own, or asks for patience, or does not answer at all.
_STORE = re.compile(r"returned HTTP (5\d\d|429)|error for HTTP (?:GET|HEAD|PUT|POST|DELETE)")


def outage(settings: Settings, error: Exception) -> OutageError | None:
    """Return the error to raise in place of one that a server out of reach has caused; None for any other.

    Args:
        settings: Where catalog and data lie.
        error: What the engine raised.
    """
    if settings.catalog_uri.startswith("postgres:") and is_of_catalog(str(error)):
        return OutageError(_told("the catalog's server went away"))
    if settings.data_uri.startswith("s3://") and (told := _STORE.search(str(error))):
        return OutageError(_told(f"the object store does not answer{f' (HTTP {told[1]})' if told[1] else ''}"))
    return None


def is_of_catalog(message: str) -> bool:
    """Tell whether a message is of PostgreSQL's client about a server that it has lost, or that is not there."""
    return any(sign in message.lower() for sign in _CATALOG)


def _told(what: str) -> str:
    return f"{what}; what was not committed is gone, every table is as its last commit left it: run again in a while"
