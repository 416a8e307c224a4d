"""Context: which release a report is about, and what its classes are called."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from tasks.publishing.standing import unreleased_line
from warehouse.errors import MicrosegError
from warehouse.queries import query, quoted
from warehouse.reference.content import ReferenceContent
from warehouse.reference.versions import read_active, read_version
from warehouse.settings import Settings


@dataclass(frozen=True, eq=False)
class Context:
    """A release, and how its tables are read.

    Attributes:
        connection: Read-only.
        settings: The warehouse.
        as_of: Business date.
        released_at: When it was released.
        model_version: The model that made it.
        reference_version: The version of the reference set that it was made under.
        reference: Name of the set.
        window_name: The model's window, the primary one.
        trained_as_of: Business date of the model's training data.
        trained_at: When it was trained.
        trained_on: Customers it was trained on.
        parameters: How, as JSON; empty where nobody recorded it.
        content: The reference set of that version, or the active one where the warehouse no longer holds it.
        labels: Classes in words, as that version calls them.
    """

    connection: duckdb.DuckDBPyConnection
    settings: Settings
    as_of: date
    released_at: datetime
    model_version: str
    reference_version: str
    reference: str
    window_name: str
    trained_as_of: date
    trained_at: datetime
    trained_on: int
    parameters: str
    content: ReferenceContent | None
    labels: Mapping[int, str]

    @property
    def min_size(self) -> int:
        """Fewest customers of a group that may be seen."""
        return self.settings.min_segment_size

    @property
    def dated(self) -> dict[str, object]:
        """Parameters of most queries."""
        return {"as_of": self.as_of, "window_name": self.window_name}

    @property
    def stand_in(self) -> bool:
        """Whether coefficients are authored, not a bank's own."""
        return self.content is not None and "authored" in self.content.coefficient_sources

    def rows(self, name: str, **parameters: object) -> list[tuple[object, ...]]:
        """Return what a query of ``sql/report/`` gives."""
        return self.connection.execute(query(f"report/{name}"), parameters).fetchall()

    def rows_of(self, name: str, of: Iterable[date], /, **parameters: object) -> list[tuple[object, ...]]:
        """Return what such a query gives for some dates, ``{listed}`` in it: only literals keep files closed."""
        listed = ", ".join(f"DATE {quoted(day.isoformat())}" for day in of)
        return self.connection.execute(query(f"report/{name}").format(listed=listed), parameters).fetchall()


def open_context(connection: duckdb.DuckDBPyConnection, settings: Settings, as_of: date) -> Context:
    """Read what was released of a date.

    Raises:
        MicrosegError: Nothing was.
    """
    row = connection.execute(query("report/select_release"), {"as_of": as_of}).fetchone()
    if row is None:
        raise MicrosegError(unreleased_line(as_of))
    released_at, model_version, reference_version, *model = row
    reference, window_name, trained_as_of, trained_at, trained_on, parameters = model
    active = read_active(connection)
    named = read_version(connection, reference_version or "")
    sets = [content for content in (active, named) if content]
    return Context(
        connection=connection,
        settings=settings,
        as_of=as_of,
        released_at=released_at,
        model_version=model_version,
        reference_version=reference_version or "",
        reference=reference or "",
        window_name=window_name,
        trained_as_of=trained_as_of,
        trained_at=trained_at,
        trained_on=trained_on or 0,
        parameters=parameters or "",
        content=named or active,
        labels={row.class_id: row.label for content in sets for row in content.classes},
    )
