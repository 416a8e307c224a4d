"""Settles which source row holds a transaction id that several rows claim, whatever order they came in."""

from datetime import date

import duckdb

from warehouse.queries import query, quoted


def settle_claims(
    connection: duckdb.DuckDBPyConnection, load_id: str, replaced: tuple[str, date, date] | None, fields: str
) -> None:
    """Give every contested id to the claim that was booked first; keep the others beside it.

    The holders depend on the content of the claims alone, so that any order of loads, and any replacement of a
    source, leads to the same tables.

    Args:
        connection: Inside the transaction of a load; ``staged``, ``faults`` and ``incoming`` are filled.
        load_id: The load that is being written.
        replaced: The earlier version of its source, with the half-open span of its months.
        fields: SQL struct of a claim in the source's own columns, for the quarantine.
    """
    _release_replaced(connection, replaced)
    connection.execute(query("raw/create_contested").format(**_bounds(connection, "staged")))
    if connection.execute("SELECT count(*) FROM contested").fetchone() == (0,):
        connection.execute(query("raw/create_claims_none"))
        return
    bounds = _bounds(connection, "contested")
    connection.execute(query("raw/create_claims").format(**bounds), {"load_id": load_id})
    for table, condition in (
        ("raw.transactions", ""),
        ("raw.duplicates", ""),
        ("raw.rejected", " AND reason = 'duplicate_id_with_other_content' AND replayed_load_id IS NULL"),
    ):
        connection.execute(query("raw/delete_contested").format(table=table, condition=condition, **bounds))
    connection.execute(query("raw/insert_holders"))
    connection.execute(query("raw/insert_duplicates"))
    connection.execute(query("raw/insert_rejected_conflicts").format(fields=fields))
    first_day, after_day = connection.execute(query("raw/select_claimed_span")).fetchone() or (None, None)
    span = {"load_id": load_id, "first_day": first_day, "after_day": after_day}
    connection.execute(query("raw/update_load_counts"), span)


def _release_replaced(connection: duckdb.DuckDBPyConnection, replaced: tuple[str, date, date] | None) -> None:
    if replaced is None:
        connection.execute(query("raw/create_released_none"))
        return
    span = dict(zip(("replaced", "first_day", "after_day"), replaced, strict=True))
    connection.execute(query("raw/create_released"), span)
    connection.execute(query("raw/delete_replaced"), span)
    for table in ("raw.duplicates", "raw.rejected"):
        connection.execute(f"DELETE FROM {table} WHERE load_id = $1", [replaced[0]])


def _bounds(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    row = connection.execute(f"SELECT min(transaction_id), max(transaction_id) FROM {table}").fetchone()
    return {name: quoted(value or "") for name, value in zip(("lowest", "highest"), row or ("", ""), strict=True)}
