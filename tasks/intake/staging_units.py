"""Units that read the sources of a load, and know the keys of their customers, so that rows are written once."""

from collections.abc import Mapping, Sequence

import duckdb

from tasks.intake.batch_units import FAULTS, LISTED, SUMMARIES, limits_of, list_customers, stage_sources
from tasks.intake.context import LoadContext
from tasks.intake.customers import number_customers
from tasks.units.progress import silent
from tasks.units.unit import Crew, Facts, Unit
from warehouse.lone import NewFile, Reading, Writing
from warehouse.queries import query
from warehouse.registered import columns_of, writing
from warehouse.scratch import Scratch
from warehouse.sources.source import Source

Groups = Mapping[int, Sequence[Source]]


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the temporary tables that hold what is told of a batch, without rows."""
    connection.execute(query("raw/create_staged"))
    connection.execute(query("raw/create_staged_summaries"))


def shared_codes(connection: duckdb.DuckDBPyConnection, scratch: Scratch) -> Reading:
    """Return ``codes`` as units read it; two that are equal have the same rows."""
    return scratch.share(connection, "codes", ["source_code", "class_id", "kind"])


def staging_units(
    connection: duckdb.DuckDBPyConnection, context: LoadContext, scratch: Scratch, groups: Groups, crew: Crew
) -> dict[int, Unit]:
    """Return the units that read and judge the sources of batches.

    Of Parquet files the customers are listed first, by one column. Where they get the keys that this lets expect, the
    rows are written where they belong, for good; those of other sources go to scratch, and from there once more.

    Args:
        connection: A writing warehouse connection, outside of any transaction.
        context: Settings, contract and run.
        scratch: The files of this step.
        groups: Sources by the place of their batch.
        crew: Lists the customers.
    """
    create_tables(connection)
    connection.execute(query("raw/create_codes"))
    listed = _listed(connection, context, scratch, groups, crew)
    limits, codes = limits_of(context.settings), shared_codes(connection, scratch)
    told = tuple(scratch.writing(connection, table) for table in (*FAULTS, *SUMMARIES))
    in_place = writing(connection, context.settings, "raw.transactions", months="booked_on")
    aside = in_place._replace(folder=scratch.folder, months="")

    def unit(place: int, sources: Sequence[Source]) -> Unit:
        reads, writes = (listed[place], codes), (*told, in_place if listed[place].parts else aside)
        places = tuple(source.uri for source in sources)
        return Unit(stage_sources, (context.terms, limits, *sources), reads, writes, with_settings=True, files=places)

    return {place: unit(place, sources) for place, sources in groups.items()}


def _listed(
    connection: duckdb.DuckDBPyConnection, context: LoadContext, scratch: Scratch, groups: Groups, crew: Crew
) -> dict[int, Reading]:
    """Return the keys that the customers of batches should get; of one that holds other than Parquet files none."""
    table = scratch.writing(connection, LISTED)
    units, first = dict[int, Unit](), 0
    for place, sources in groups.items():
        if all(source.kind == "parquet" for source in sources):  # one column of a CSV is as dear as all of them
            units[place] = _listing_unit(table, context, first, sources)
            first += len(sources)
    answers: Mapping[Unit, Facts] = crew(list(units.values()), silent) if units else {}
    files = {place: answers[unit].files for place, unit in units.items()}
    _number(connection, [file for some in files.values() for file in some])
    return {place: _expected(connection, scratch, files.get(place, ())) for place in groups}


def _listing_unit(table: Writing, context: LoadContext, first: int, sources: Sequence[Source]) -> Unit:
    arguments = (context.terms, limits_of(context.settings), first, *sources)
    places = tuple(source.uri for source in sources)
    return Unit(list_customers, arguments, (), (table,), with_settings=True, files=places)


def _number(connection: duckdb.DuckDBPyConnection, files: Sequence[NewFile]) -> None:
    """Give all listed customers keys, in ``arrivals``, as if every batch were taken in whole."""
    if files:
        connection.execute(query("units/create_listed"), {"paths": [file.path for file in files]})
        connection.execute(query("units/create_batch_listed"))
        number_customers(connection)


def _expected(connection: duckdb.DuckDBPyConnection, scratch: Scratch, files: Sequence[NewFile]) -> Reading:
    if not files:
        kinds = dict(columns_of(connection, "temp.staged_customers"))
        columns = tuple((name, kinds[name]) for name in ("customer_id", "customer_key"))
        return Reading("scratch.expected", columns, ())
    connection.execute(query("units/create_expected"), {"paths": [file.path for file in files]})
    return scratch.share(connection, "expected", ["customer_id", "customer_key"])
