"""Moves the warehouse to the reference version of a candidate's model, inside the commit of its release."""

from dataclasses import replace

import duckdb

from tasks.operation.provenance import PERIODS, Versions, date_versions, period_versions, record
from tasks.science.candidates import Candidate
from tasks.spending.aggregate import refresh_stale
from tasks.spending.remap import move_periods
from warehouse.errors import ModelError
from warehouse.reference.tables import activate
from warehouse.reference.versions import read_version
from warehouse.settings import Settings


def move_reference(
    connection: duckdb.DuckDBPyConnection, settings: Settings, candidate: Candidate, run_id: str
) -> Candidate:
    """Make the version that a candidate was built under the active one, inside a transaction.

    Reference tables, classes of the raw rows, months and the periods of the date move together. Other dates keep the
    periods they were published from, until a backfill or a night makes them again.

    Args:
        connection: Inside a transaction.
        settings: The rule is part of what a date is made from.
        candidate: It has passed its gates.
        run_id: Recorded as the writer.

    Returns:
        The candidate, made from the months as they are now.

    Raises:
        ModelError: Spending has changed since the candidate was built, or its version is lost.
    """
    version = candidate.made_from["reference"]
    if connection.execute("SELECT reference_version FROM ref.sets").fetchone() == (version,):
        return candidate
    content = read_version(connection, version)
    if content is None or _months(candidate.made_from) != _months(period_versions(connection, candidate.as_of)):
        raise ModelError(f"spending has changed since the candidate of {candidate.as_of} was built: run it again")
    activate(connection, content)
    refresh_stale(connection)
    move_periods(connection, candidate.as_of, version)
    periods = period_versions(connection, candidate.as_of)
    record(connection, candidate.as_of, PERIODS, periods, run_id)
    return replace(
        candidate, made_from=date_versions(connection, settings, candidate.as_of, periods, candidate.model_version)
    )


def _months(versions: Versions) -> dict[str, str]:
    return {name: version for name, version in versions.items() if name[:1].isdigit()}
