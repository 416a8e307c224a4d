"""Expiry: old states of the tables are forgotten, and the files that only they had are removed after a while."""

from datetime import datetime, timedelta

import duckdb

from warehouse.attachment import CATALOG, METADATA
from warehouse.connection import connect, in_transaction
from warehouse.queries import query
from warehouse.settings import Settings

# How long a file that no snapshot has any more stays for readers that began before. In SQLite DuckLake compares days
# where it should compare moments, so a file goes after one to two days there, after two elsewhere.
GRACE = timedelta(days=2)


def expire(settings: Settings, now: datetime) -> int:
    """Forget snapshots older than `keep_snapshot_days`, and rows inside of the catalog that only they had.

    Their files are marked for removal; `remove_files` does that later. The newest snapshot always stays.

    Args:
        settings: The warehouse.
        now: Moment to judge by.

    Returns:
        Snapshots that were forgotten.
    """
    with connect(settings) as connection:
        count = in_transaction(connection, lambda: _expire(connection, settings, now), settings.commit_attempts)
        # A transaction of its own: DuckDB writes to one database in each, and the first wrote through DuckLake.
        in_transaction(connection, lambda: _delete_inlined(connection), settings.commit_attempts)
    return count


def _expire(connection: duckdb.DuckDBPyConnection, settings: Settings, now: datetime) -> int:
    bounds = {"now": now.isoformat(), "keep_days": settings.keep_snapshot_days}
    rows = connection.execute(query("maintain/select_expired").format(catalog=METADATA), bounds).fetchall()
    if versions := [int(row[0]) for row in rows]:
        connection.execute(f"CALL ducklake_expire_snapshots('{CATALOG}', versions => {versions})").fetchall()
    return len(versions)


def _delete_inlined(connection: duckdb.DuckDBPyConnection) -> None:
    for _, inside in connection.execute(query("maintain/select_inlined").format(catalog=METADATA)).fetchall():
        connection.execute(query("maintain/delete_inlined").format(catalog=METADATA, table=inside))


def remove_files(settings: Settings, now: datetime) -> int:
    """Remove the files that no snapshot has had for `GRACE`; killed in the middle, the next call removes the rest.

    Args:
        settings: The warehouse.
        now: Moment to judge by.

    Returns:
        Files that were removed.
    """
    text = f"CALL ducklake_cleanup_old_files('{CATALOG}', older_than => $1::TIMESTAMPTZ)"
    before = (now - GRACE).isoformat()
    with connect(settings) as connection:
        removed = in_transaction(
            connection, lambda: connection.execute(text, [before]).fetchall(), settings.commit_attempts
        )
    return len(removed)
