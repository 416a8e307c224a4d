"""What every step of an ingest is given, and what becomes of its rows."""

from dataclasses import dataclass
from datetime import date

from warehouse.reference.sets import ReferenceSet, SourceFormat
from warehouse.settings import Settings


@dataclass(frozen=True)
class Ingested:
    """Sources and rows of one run's ingest, by what became of them; the rows of held sources are not among them."""

    sources: int = 0
    unchanged: int = 0
    read: int = 0
    accepted: int = 0
    rejected: int = 0
    duplicate: int = 0
    unclassified: int = 0
    held: int = 0
    withdrawn: int = 0

    def plus(self, other: "Ingested") -> "Ingested":
        """Return the sum of two counts."""
        mine, theirs = vars(self).values(), vars(other).values()
        return Ingested(*(a + b for a, b in zip(mine, theirs, strict=True)))


@dataclass(frozen=True)
class Terms:
    """On what terms rows are read and judged, on whatever machine.

    Attributes:
        contract: Columns and their form.
        received_on: Rows booked after this day are from the future.
        sql: Query of a PostgreSQL source.
    """

    contract: SourceFormat
    received_on: date
    sql: str = ""


@dataclass(frozen=True)
class LoadContext:
    """What is the same for every source of a run.

    Attributes:
        settings: Settings of the warehouse.
        reference: Contract, codes and classes.
        run_id: Recorded in the ledger.
        received_on: Rows booked after this day are from the future.
        sql: Query of a PostgreSQL source.
    """

    settings: Settings
    reference: ReferenceSet
    run_id: str
    received_on: date
    sql: str = ""

    @property
    def terms(self) -> Terms:
        """On what terms the rows are read and judged."""
        return Terms(self.reference.source, self.received_on, self.sql)
