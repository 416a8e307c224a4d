"""The plan of a changed reference set: what differs from what the warehouse holds, and whom it touches."""

from dataclasses import dataclass

import duckdb
import pyarrow as pa

from tasks.operation.tables import Table
from warehouse.connection import connect
from warehouse.errors import MicrosegError
from warehouse.queries import query
from warehouse.reference.content import ReferenceContent
from warehouse.reference.differences import Difference, differences
from warehouse.reference.sets import ReferenceSet
from warehouse.reference.versions import read_active
from warehouse.settings import Settings

ALL = "all of it"
_PLURALS = {"window": "windows", "class": "classes", "code": "codes", "coefficient": "coefficients"}


@dataclass(frozen=True)
class Touched:
    """Rows of raw.transactions that a change concerns, with their customers and months."""

    customers: int = 0
    months: int = 0
    rows: int = 0


@dataclass(frozen=True)
class Plan:
    """What would change if the warehouse moved to another version of its reference set, or to another set.

    Attributes:
        held: The active version.
        other: The set on disk.
        changes: What differs in what counts, each with what it touches.
        total: What all changes together touch.
    """

    held: ReferenceContent
    other: ReferenceSet
    changes: tuple[tuple[Difference, Touched], ...]
    total: Touched

    @property
    def nothing_differs(self) -> bool:
        """Whether the warehouse speaks of this very version already."""
        return self.held.name == self.other.name and not self.changes

    @property
    def headline(self) -> str:
        """One line: what differs, or that nothing does."""
        held, other = (f"{reference.name} {reference.version[:12]}" for reference in (self.held, self.other))
        if self.nothing_differs:
            return f"nothing differs: the warehouse holds {held}"
        return (
            f"The warehouse holds {held}; on disk is {other}. The difference affects {self.total.customers:,} "
            f"customers in {self.total.months:,} months ({self.total.rows:,} rows)."
        )

    @property
    def tables(self) -> list[Table]:
        """The changes, a table a kind."""
        kinds = dict.fromkeys(change.kind for change, _ in self.changes)
        return [_table(kind, [change for change in self.changes if change[0].kind == kind]) for kind in kinds]


def read_held(settings: Settings) -> ReferenceContent:
    """Return the active version of the warehouse.

    Raises:
        MicrosegError: The warehouse holds no set yet.
    """
    with connect(settings, read_only=True) as connection:
        held = read_active(connection)
    if held is None:
        raise MicrosegError("the warehouse holds no reference set yet: `microseg run` applies the one on disk")
    return held


def read_plan(settings: Settings, reference: ReferenceSet) -> Plan:
    """Compare a set with what the warehouse holds; nothing is written.

    Raises:
        MicrosegError: The warehouse holds no set yet.
    """
    held = read_held(settings)
    with connect(settings, read_only=True) as connection:
        return make_plan(connection, held, reference)


def make_plan(connection: duckdb.DuckDBPyConnection, held: ReferenceContent, reference: ReferenceSet) -> Plan:
    """Return the plan from one version to another, with what it touches.

    Args:
        connection: A warehouse connection.
        held: The version to start from.
        reference: The set to move to.
    """
    differing = differences(held, reference)
    touched = _count(connection, differing) if differing else {}
    changes = tuple((difference, touched.get(str(number), Touched())) for number, difference in enumerate(differing))
    return Plan(held, reference, changes, touched.get(ALL, Touched()))


def _count(connection: duckdb.DuckDBPyConnection, differing: list[Difference]) -> dict[str, Touched]:
    pairs = {(str(number), code) for number, difference in enumerate(differing) for code in difference.source_codes}
    pairs |= {(ALL, code) for _, code in pairs}
    rows = [{"subject": subject, "source_code": code} for subject, code in sorted(pairs)]
    schema = pa.schema([("subject", pa.string()), ("source_code", pa.string())])
    connection.register("touched", pa.Table.from_pylist(rows, schema))
    counted = connection.execute(query("ref/count_touched")).fetchall()
    connection.unregister("touched")
    return {subject: Touched(*counts) for subject, *counts in counted}


def _table(kind: str, changes: list[tuple[Difference, Touched]]) -> Table:
    header = (kind, "change", "held", "on disk", "customers", "months", "rows")
    rows = tuple(
        (change.subject, change.change, change.before, change.after, *_cells(touched)) for change, touched in changes
    )
    return Table(counted_kind(kind, len(changes)), header, rows)


def _cells(touched: Touched) -> tuple[str, ...]:
    return tuple(f"{number:,}" for number in (touched.customers, touched.months, touched.rows))


def counted_kind(kind: str, number: int) -> str:
    """Return how many of a kind differ, in words.

    >>> counted_kind("class", 1), counted_kind("class", 2)
    ('1 class differs', '2 classes differ')
    """
    return f"1 {kind} differs" if number == 1 else f"{number} {_PLURALS[kind]} differ"
