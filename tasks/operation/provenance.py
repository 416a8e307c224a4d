"""Provenance: from which inputs a stage last wrote its tables, so that a night with nothing new does nothing."""

from datetime import date

import duckdb

from warehouse.queries import query


def inputs_hash(connection: duckdb.DuckDBPyConnection) -> str:
    """Return a hash of all that the spending is a function of: the loads that count and the reference set."""
    row = connection.execute(query("ops/select_inputs_hash")).fetchone()
    return str(row[0]) if row else ""


def is_current(connection: duckdb.DuckDBPyConnection, as_of: date, stage: str, inputs: str) -> bool:
    """Tell whether a stage has already written the tables of a date from these very inputs."""
    found = "SELECT 1 FROM ops.provenance WHERE as_of = $1 AND stage = $2 AND inputs_hash = $3"
    return connection.execute(found, [as_of, stage, inputs]).fetchone() is not None


def record(connection: duckdb.DuckDBPyConnection, as_of: date, stage: str, inputs: str, run_id: str) -> None:
    """Note the inputs of a stage, inside the transaction that writes its tables."""
    connection.execute("DELETE FROM ops.provenance WHERE as_of = $1 AND stage = $2", [as_of, stage])
    connection.execute("INSERT INTO ops.provenance VALUES ($1, $2, $3, $4, now())", [as_of, stage, inputs, run_id])
