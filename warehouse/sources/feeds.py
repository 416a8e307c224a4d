"""Feeds: what keeps delivering, as an entry of MICROSEG_SOURCE names it, however many files it comes in."""

import os
from collections.abc import Iterable
from pathlib import Path

import duckdb

from warehouse.queries import query
from warehouse.sources.discovery import database_of

POSTGRES = ("postgres://", "postgresql://", "postgres:")


def feed_of(entry: str) -> str:
    """Return the name of the feed that an entry of MICROSEG_SOURCE stands for.

    It is the entry itself, as an absolute path: the file of this month and that of the last are one feed. Of a
    database it is host and name, never the password; nor the query, which may name another month each time.

    >>> feed_of("s3://exports/*.parquet"), feed_of("postgres://night:secret@db/bank")
    ('s3://exports/*.parquet', 'postgres:db:5432/bank')
    """
    if entry.startswith(POSTGRES):
        return f"postgres:{database_of(entry)}"
    return entry if entry.startswith("s3://") else str(Path(entry).absolute())


def feeds_of(source: str) -> list[str]:
    """Return the feeds of a MICROSEG_SOURCE, in its order; none when it is empty.

    >>> feeds_of("s3://a/*.csv;s3://b/*.csv")
    ['s3://a/*.csv', 's3://b/*.csv']
    """
    return list(dict.fromkeys(feed_of(entry) for entry in entries_of(source)))


def entries_of(source: str) -> list[str]:
    """Return the entries of a MICROSEG_SOURCE, which semicolons part; a file with one in its name is one entry.

    >>> entries_of("s3://a/*.csv;;s3://b/*.csv")
    ['s3://a/*.csv', 's3://b/*.csv']
    """
    pieces = source.split(";")
    entries = []
    while pieces:
        joined = (count for count in range(len(pieces), 1, -1) if os.path.isfile(";".join(pieces[:count])))
        count = next(joined, 1)
        entries.append(";".join(pieces[:count]))
        del pieces[:count]
    return [entry for entry in entries if entry]


def name_feeds(connection: duckdb.DuckDBPyConnection, sources: Iterable[tuple[str, str]]) -> int:
    """Note in the ledger by which feed each load came, inside a transaction.

    What is named by another entry than before moves to that one, and so do the loads of versions that kept no feeds,
    as long as their files are there. A replay belongs to the feed whose rows it corrects.

    Args:
        connection: Inside a transaction.
        sources: Name of each source, as the ledger calls it, with its feed.

    Returns:
        Number of loads that changed; nothing is written when none did.
    """
    named = list(sources)
    lists = {"sources": [source for source, _ in named], "feeds": [feed for _, feed in named]}
    connection.execute(query("raw/create_feeds"), lists)
    row = connection.execute("SELECT count(*) FROM feeds").fetchone()
    if changed := int(row[0]) if row else 0:
        connection.execute(query("raw/update_feeds"))
    return changed
