"""Candidates: dates that are built and wait for the gates; nothing that readers see is touched before the release."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Literal

import duckdb

from tasks.operation.held_traces import Ids, drop_unused, traces_of
from tasks.operation.provenance import Versions
from warehouse.queries import query

State = Literal["built", "passed", "refused"]
FEATURES = ("inputs", "traced")
SEGMENTS = ("by_date", "summary")
PUBLISHED = {f"candidates.{name}": f"features.{name}" for name in FEATURES} | {
    f"candidates.{name}": f"segments.{name}" for name in SEGMENTS
}
_OF_DATE = "as_of = DATE '{}'"


@dataclass(frozen=True)
class Candidate:
    """A date that is not released.

    Attributes:
        as_of: Business date.
        model_version: The model that made it.
        state: built, passed (all gates hold), or refused (one is closed).
        made_from: What it is a function of, by name.
    """

    as_of: date
    model_version: str
    state: State
    made_from: Versions


def read_candidate(connection: duckdb.DuckDBPyConnection, as_of: date) -> Candidate | None:
    """Return the candidate of a date; None when there is none."""
    text = "SELECT model_version, state, made_from FROM candidates.dates WHERE as_of = $1"
    row = connection.execute(text, [as_of]).fetchone()
    return Candidate(as_of, row[0], row[1], json.loads(row[2])) if row else None


def clear_candidate(connection: duckdb.DuckDBPyConnection, as_of: date) -> None:
    """Remove the candidate of a date with its rows, inside a transaction."""
    if read_candidate(connection, as_of) is None:
        return  # a write to the lake has its price even when it writes nothing
    traced = traces_of(connection, "candidates.traced", _OF_DATE.format(as_of))
    for table in (*PUBLISHED, "candidates.dates"):
        connection.execute(f"DELETE FROM {table} WHERE as_of = $1", [as_of])
    drop_unused(connection, traced)


def refused_traces(connection: duckdb.DuckDBPyConnection, as_of: date) -> Ids:
    """Return the scores and states of the candidate of a date if a gate refused it; they may be what is wrong."""
    candidate = read_candidate(connection, as_of)
    is_refused = candidate is not None and candidate.state == "refused"
    return traces_of(connection, "candidates.traced", _OF_DATE.format(as_of) if is_refused else "false")


def enter_candidate(
    connection: duckdb.DuckDBPyConnection, as_of: date, model_version: str, made_from: Versions, run_id: str
) -> None:
    """Enter a date as built, inside the transaction that writes its features."""
    line = {"as_of": as_of, "model_version": model_version, "run_id": run_id}
    text = json.dumps(dict(made_from), sort_keys=True)
    connection.execute(query("candidates/insert_date"), line | {"made_from": text})


def mark_candidate(connection: duckdb.DuckDBPyConnection, as_of: date, state: State, reason: str = "") -> None:
    """Move the candidate of a date to another state, inside a transaction."""
    connection.execute(query("candidates/update_date"), {"as_of": as_of, "state": state, "reason": reason})
