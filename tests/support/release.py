"""What a night does between training and readers, without the gates, for tests whose matter is something else."""

from datetime import date

import duckdb

from tasks.publishing.release import Promotion, release_candidate
from tasks.science.candidates import mark_candidate
from tasks.science.features import Traced, build_features
from tasks.science.model_store import Model
from tasks.science.segment import build_segments
from warehouse.connection import in_transaction
from warehouse.settings import Settings


def build(connection: duckdb.DuckDBPyConnection, settings: Settings, model: Model, as_of: date) -> Traced | None:
    """Make the candidate of a date and say that it passed; inside a transaction."""
    traced = build_features(connection, settings, model, as_of, "run")
    build_segments(connection, settings, model, as_of)
    mark_candidate(connection, as_of, "passed")
    return traced


def build_and_release(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    model: Model,
    as_of: date,
    promotion: Promotion | None = None,
) -> Traced | None:
    """Make the candidate of a date and release it, as two transactions."""
    traced = in_transaction(connection, lambda: build(connection, settings, model, as_of))
    in_transaction(connection, lambda: release_candidate(connection, settings, as_of, "run", promotion))
    return traced
