"""Settles which source row holds a transaction id that several rows claim, whatever order they came in."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import duckdb

from tasks.intake.batch import Leaving
from warehouse.queries import query, quoted

if TYPE_CHECKING:
    from tasks.intake.batch_files import BatchRows


def find_claims(
    connection: duckdb.DuckDBPyConnection, leaving: Leaving | None, elsewhere: "BatchRows | None" = None
) -> None:
    """Rank all claims on every contested id; nothing is written but temporary tables.

    The holders depend on the content of the claims alone, so that any order of loads, and any replacement or
    withdrawal of one, leads to the same tables.

    Args:
        connection: Inside the transaction of a batch, behind `prepare`.
        leaving: The loads whose rows go.
        elsewhere: The rows of the batch, where they are not in ``staged``.
    """
    if leaving is None:
        connection.execute(query("raw/create_released_none"))
    else:
        connection.execute(query("raw/create_released"), leaving.parameters)
    replaced = list(leaving.load_ids) if leaving else []
    if not _find_contested(connection, replaced, elsewhere):
        return
    statement = query("raw/create_claims").format(**bounds_of(connection, "contested"))
    connection.execute(statement, {"replaced": replaced})


def find_claims_apart(connection: duckdb.DuckDBPyConnection, elsewhere: "BatchRows | None" = None) -> None:
    """Rank the claims of sources that are held back, each beside what is in; only their own are kept.

    Args:
        connection: Inside the transaction of a batch, behind `prepare`.
        elsewhere: The rows of the batch, where they are not in ``staged``.
    """
    connection.execute(query("raw/create_released_none"))
    if _find_contested(connection, [], elsewhere):
        connection.execute(query("raw/create_claims_apart").format(**bounds_of(connection, "contested")))


def _find_contested(
    connection: duckdb.DuckDBPyConnection, replaced: Sequence[str], elsewhere: "BatchRows | None"
) -> bool:
    if elsewhere:
        elsewhere.find_contested(connection, replaced)
    else:
        _find_contested_here(connection, replaced)
    if any_contested(connection):
        return True
    connection.execute(query("raw/create_claims_none"))
    return False


def _find_contested_here(connection: duckdb.DuckDBPyConnection, replaced: Sequence[str]) -> None:
    bounds, leaving = bounds_of(connection, "batch_rows"), {"replaced": list(replaced)}
    connection.execute(query("raw/create_contested"))
    if connection.execute(query("raw/select_neighbours").format(**bounds), leaving).fetchone() == (True,):
        connection.execute(query("raw/insert_contested").format(**bounds), leaving)


def settle_claims(connection: duckdb.DuckDBPyConnection, leaving: Leaving | None, fields: str) -> None:
    """Give every contested id to the claim that was booked first; keep the others beside it.

    Args:
        connection: Inside the transaction of a batch, behind `find_claims`.
        leaving: The loads whose rows go.
        fields: SQL struct of a claim in the source's own columns, for the quarantine.
    """
    if leaving:
        connection.execute(query("raw/delete_replaced"), leaving.parameters)
        for table in ("raw.duplicates", "raw.rejected"):
            gone = f"DELETE FROM {table} WHERE list_contains($1::VARCHAR[], load_id)"
            connection.execute(gone, [list(leaving.load_ids)])
    if not any_contested(connection):
        return
    _delete_contested(connection)
    connection.execute(query("raw/insert_holders"))
    connection.execute(query("raw/insert_duplicates"))
    connection.execute(query("raw/insert_rejected_conflicts").format(fields=fields))
    first_day, after_day = connection.execute(query("raw/select_claimed_span")).fetchone() or (None, None)
    connection.execute(query("raw/update_load_counts"), {"first_day": first_day, "after_day": after_day})


def _delete_contested(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(query("raw/create_dismissed"))
    bounds = bounds_of(connection, "contested")
    conflicts = (
        "AND reason = 'duplicate_id_with_other_content' AND replayed_load_id IS NULL "
        "AND load_id NOT IN (SELECT load_id FROM raw.loads WHERE status = 'held')"
    )
    for table, condition in (
        ("raw.transactions", ""),
        ("raw.duplicates", "AND mended_load_id IS NULL"),
        ("raw.rejected", conflicts),
    ):
        connection.execute(query("raw/delete_contested").format(table=table, condition=condition, **bounds))


def any_contested(connection: duckdb.DuckDBPyConnection) -> bool:
    """Return whether several rows claim one id of the batch."""
    return connection.execute("SELECT count(*) FROM contested").fetchone() != (0,)


def bounds_of(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """Return the lowest and the highest transaction id of a table as SQL literals."""
    row = connection.execute(f"SELECT min(transaction_id), max(transaction_id) FROM {table}").fetchone()
    return {name: quoted(value or "") for name, value in zip(("lowest", "highest"), row or ("", ""), strict=True)}
