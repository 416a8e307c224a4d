"""Which reference set on disk belongs to a warehouse, and whether it waits, is broken or is another one."""

import duckdb

from tasks.operation.reference_plan import counted_kind
from warehouse.connection import connect
from warehouse.errors import MicrosegError, ReferenceSetError
from warehouse.reference.content import ReferenceContent
from warehouse.reference.differences import differences
from warehouse.reference.sets import ReferenceSet, load_reference, shipped_names
from warehouse.reference.versions import read_active
from warehouse.settings import Settings

WAITING, BROKEN, OTHER = "waiting_reference", "broken_reference", "other_reference"


def read_configured(settings: Settings) -> ReferenceSet:
    """Read the configured reference set; where none is configured, the shipped set that the warehouse holds.

    Args:
        settings: `reference`; its mere default does not speak against what the warehouse holds.

    Raises:
        ReferenceSetError: One line for each fault, with file and line.
    """
    return load_reference(settings.reference if _is_configured(settings) else _held_name(settings))


def _is_configured(settings: Settings) -> bool:
    return "reference" in settings.model_fields_set


def _held_name(settings: Settings) -> str:
    try:
        with connect(settings, read_only=True) as connection:
            row = connection.execute("SELECT reference FROM ref.sets").fetchone()
    except (MicrosegError, duckdb.CatalogException):  # no warehouse yet, or one without any table
        return settings.reference
    return str(row[0]) if row and row[0] in shipped_names() else settings.reference


def reference_findings(connection: duckdb.DuckDBPyConnection, settings: Settings) -> dict[str, list[tuple[str, str]]]:
    """Return what is to say about the set on disk, by the name of the check; nothing when the champion's is there.

    Args:
        connection: A warehouse connection.
        settings: `reference`. A set that was only named for one run is not known here, and nothing is said of it.
    """
    held = read_active(connection)
    if held is None or not (_is_configured(settings) or held.name in shipped_names()):
        return {}
    try:
        reference = load_reference(settings.reference if _is_configured(settings) else held.name)
    except ReferenceSetError as error:
        return {BROKEN: [(settings.reference, line) for line in str(error).splitlines()]}
    return _compared(held, reference)


def _compared(held: ReferenceContent, reference: ReferenceSet) -> dict[str, list[tuple[str, str]]]:
    if held.name != reference.name:
        return {OTHER: [(reference.name, f"the warehouse holds {held.name}")]}
    kinds = [difference.kind for difference in differences(held, reference)]
    told = ", ".join(counted_kind(kind, kinds.count(kind)) for kind in dict.fromkeys(kinds))
    return {WAITING: [(f"{reference.name} {reference.version[:12]}", told)]} if kinds else {}
