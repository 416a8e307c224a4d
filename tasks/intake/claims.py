"""Settles which source row holds a transaction id that several rows claim, whatever order they came in."""

from datetime import date
from typing import NamedTuple

import duckdb

from warehouse.queries import query, quoted


class LoadSpan(NamedTuple):
    """A load that leaves, with the half-open span of its months, so that the files of other months stay closed."""

    load_id: str
    first_day: date
    after_day: date

    @property
    def parameters(self) -> dict[str, object]:
        """The values of the queries on its rows."""
        return {"replaced": self.load_id, "first_day": self.first_day, "after_day": self.after_day}


def find_claims(connection: duckdb.DuckDBPyConnection, load_id: str, leaving: LoadSpan | None) -> None:
    """Rank all claims on every contested id; nothing is written but temporary tables.

    The holders depend on the content of the claims alone, so that any order of loads, and any replacement or
    withdrawal of one, leads to the same tables.

    Args:
        connection: Inside the transaction of a load; ``staged``, ``faults``, ``arrivals`` and ``incoming`` are filled.
        load_id: The load that comes.
        leaving: The load whose rows go: the earlier version of its source, or the one that is withdrawn.
    """
    if leaving is None:
        connection.execute(query("raw/create_released_none"))
    else:
        connection.execute(query("raw/create_released"), leaving.parameters)
    replaced = {"replaced": leaving.load_id if leaving else None}
    connection.execute(query("raw/create_contested").format(**_bounds(connection, "staged")), replaced)
    if not _any_contested(connection):
        connection.execute(query("raw/create_claims_none"))
        return
    statement = query("raw/create_claims").format(**_bounds(connection, "contested"))
    connection.execute(statement, replaced | {"load_id": load_id})


def settle_claims(connection: duckdb.DuckDBPyConnection, load_id: str, leaving: LoadSpan | None, fields: str) -> None:
    """Give every contested id to the claim that was booked first; keep the others beside it.

    Args:
        connection: Inside the transaction of a load, behind `find_claims`.
        load_id: The load that is being written, or withdrawn.
        leaving: The load whose rows go.
        fields: SQL struct of a claim in the source's own columns, for the quarantine.
    """
    if leaving:
        connection.execute(query("raw/delete_replaced"), leaving.parameters)
        for table in ("raw.duplicates", "raw.rejected"):
            connection.execute(f"DELETE FROM {table} WHERE load_id = $1", [leaving.load_id])
    if not _any_contested(connection):
        return
    _delete_contested(connection)
    connection.execute(query("raw/insert_holders"))
    connection.execute(query("raw/insert_duplicates"))
    connection.execute(query("raw/insert_rejected_conflicts").format(fields=fields))
    first_day, after_day = connection.execute(query("raw/select_claimed_span")).fetchone() or (None, None)
    span = {"load_id": load_id, "first_day": first_day, "after_day": after_day}
    connection.execute(query("raw/update_load_counts"), span)


def _delete_contested(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(query("raw/create_dismissed"))
    bounds = _bounds(connection, "contested")
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


def _any_contested(connection: duckdb.DuckDBPyConnection) -> bool:
    return connection.execute("SELECT count(*) FROM contested").fetchone() != (0,)


def _bounds(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    row = connection.execute(f"SELECT min(transaction_id), max(transaction_id) FROM {table}").fetchone()
    return {name: quoted(value or "") for name, value in zip(("lowest", "highest"), row or ("", ""), strict=True)}
