"""A change of the reference set between champion and challenger: what both are judged by, and how to train."""

from dataclasses import dataclass, replace
from datetime import date

import duckdb

from model.network import TrainingOptions
from tasks.science.model_store import Model
from tasks.science.train import TrainingSet, read_training_set
from warehouse.queries import query
from warehouse.reference.content import ReferenceContent
from warehouse.reference.versions import read_version
from warehouse.settings import Settings


@dataclass(frozen=True)
class ReferenceChange:
    """What a challenger under another version of the reference set is judged by.

    Attributes:
        own: The same people at the same date as the champion's own version classes them; None where it is lost.
        warm: Whether the classes are the same in the same order, so that the champion's weights mean the same.
        rolled_back: The day on which a person took the version back; empty where nobody did.
    """

    own: TrainingSet | None
    warm: bool
    rolled_back: str = ""


def read_change(
    connection: duckdb.DuckDBPyConnection, settings: Settings, champion: Model, reference: ReferenceContent, as_of: date
) -> ReferenceChange | None:
    """Return how the reference set differs from the champion's; None where it counts the same.

    Args:
        connection: A warehouse connection.
        settings: As `read_training_set`.
        champion: The model in use.
        reference: The set to train under.
        as_of: Business date of the training data.
    """
    if champion.reference_version == reference.version:
        return None
    row = connection.execute(query("ref/select_rolled_back"), {"version": reference.version}).fetchone()
    rolled_back = str(row[0]) if row else ""
    held = read_version(connection, champion.reference_version)
    if held is None:
        return ReferenceChange(None, False, rolled_back)
    own = read_training_set(connection, settings, as_of, champion.window_name, champion.reference_version)
    return ReferenceChange(own, held.class_codes == reference.class_codes, rolled_back)


def options_under(reference: ReferenceContent, change: ReferenceChange | None, seed: int) -> TrainingOptions:
    """Return how to train; a cold start takes a seed of the version's own.

    A class may get another code and nothing else change: the same seed would then give the champion again, and one
    model cannot belong to two versions.
    """
    options = TrainingOptions(seed=seed)
    if change is None or change.warm:
        return options
    return replace(options, seed=seed + int(reference.version[:6], 16))
