"""The rows of a batch that lie in files of units: the committer sees their sums, their faults and what is contested."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb

from tasks.intake.batch import Member
from tasks.intake.batch_units import JUDGED_BY, STAGED, SUMMARIES, Limits, enter_rows, find_contested, stage_sources
from tasks.intake.context import Terms
from tasks.intake.staged import Staged
from tasks.units.chunks import chunks
from tasks.units.unit import Ask, Facts, Unit
from warehouse.attachment import METADATA
from warehouse.errors import SourceError
from warehouse.lone import NewFile, Part, Reading, Writing
from warehouse.queries import query
from warehouse.registered import columns_of, reading, register, writing
from warehouse.scratch import Scratch, read_back
from warehouse.settings import Settings
from warehouse.sources.source import Source
from warehouse.stored import DataFile, live_files

# Whose rows have to lie in files.
TABLES = ("raw.transactions",)
# Of rows that are in, among which one unit looks for ids.
ROWS_AT_ONCE = 50_000_000


def staging_tables(connection: duckdb.DuckDBPyConnection, scratch: Scratch) -> tuple[Writing, ...]:
    """Return the tables that staging units write to."""
    _create_tables(connection)
    return tuple(scratch.writing(connection, table) for table in (*STAGED, *SUMMARIES))


def staging_unit(tables: tuple[Writing, ...], sources: Sequence[Source], terms: Terms, limits: Limits) -> Unit:
    """Return the unit that reads and judges the sources of a batch, into `staging_tables`."""
    places = tuple(source.uri for source in sources)
    return Unit(stage_sources, (terms, limits, *sources), (), tables, with_settings=True, files=places)


def _create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(query("raw/create_staged"))
    connection.execute(query("raw/create_staged_summaries"))


@dataclass(frozen=True)
class BatchFiles:
    """A batch that a unit has read and judged.

    Attributes:
        settings: Where the data lies.
        scratch: The files of this step.
        staged: What the unit did (`staging_unit`).
    """

    settings: Settings
    scratch: Scratch
    staged: Facts

    @property
    def sources(self) -> tuple[Staged, ...]:
        """The sources that were read."""
        staged: tuple[Staged, ...] = self.staged.figures[0]
        return staged

    @property
    def problems(self) -> tuple[SourceError, ...]:
        """Why the others could not be read."""
        problems: tuple[SourceError, ...] = self.staged.figures[1]
        return problems

    def asked_by(self, ask: Ask) -> "BatchRows":
        """Return the rows for one run of a transaction."""
        return BatchRows(self.settings, self.scratch, self.staged.files, ask)


@dataclass(frozen=True)
class BatchRows:
    """The rows of a batch, in one run of the transaction that writes it.

    Attributes:
        settings: Where the data lies.
        scratch: The files of this step.
        files: That the unit wrote which read the batch.
        ask: Answers to units.
    """

    settings: Settings
    scratch: Scratch
    files: tuple[NewFile, ...]
    ask: Ask

    def fetch(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Fill the temporary tables with sums and faults; ``staged`` stays empty until ids are contested."""
        _create_tables(connection)
        for table in ("malformed", "faulty", *SUMMARIES):
            read_back(connection, table, self.files)

    def find_contested(self, connection: duckdb.DuckDBPyConnection, replaced: Sequence[str]) -> None:
        """Fill ``contested``, and ``staged`` with the rows that claim these ids; ``batch`` and ``released`` are there.

        Args:
            connection: Inside a transaction.
            replaced: Loads whose rows leave.
        """
        connection.execute("DELETE FROM staged")
        connection.execute(query("units/create_contested"))
        units = list(self._contest_units(connection, replaced))
        answers = [facts for facts in map(self.ask, units) if facts]
        files = [file for facts in answers for file in facts.files]
        for table in ("contested_ids", "claiming"):
            read_back(connection, table, files)
        connection.execute("INSERT INTO staged BY NAME SELECT DISTINCT * FROM claiming")
        connection.execute(query("units/insert_contested"))

    def _contest_units(self, connection: duckdb.DuckDBPyConnection, replaced: Sequence[str]) -> Iterator[Unit]:
        text = "SELECT * FROM staged_ids SEMI JOIN batch USING (source_number) ORDER BY source_number"
        spans = connection.execute(text).fetchall()
        if not spans:
            return
        numbers = tuple(number for number, *_ in spans)
        lowest, highest = min(low for _, low, *_ in spans), max(high for *_, high, _ in spans)
        files = live_files(connection)
        holding = _holding(connection, files, lowest, highest)
        released = self.scratch.share(connection, "released", ["transaction_id"])
        if not (holding or any(repeated for *_, repeated in spans)):
            return  # what leaves, and releases ids, is among the files
        tables = tuple(self.scratch.writing(connection, table) for table in ("contested_ids", "claiming"))
        # The batch may contest itself, where it meets no row that is in.
        for some in list(chunks(holding, lambda file: file.rows_held, ROWS_AT_ONCE)) or [[]]:
            held = reading(connection, self.settings, files, "raw.transactions", set(some).__contains__)
            yield Unit(find_contested, (numbers, tuple(replaced)), (self._rows(connection), released, held), tables)

    def insert(self, connection: duckdb.DuckDBPyConnection, entering: Sequence[Member]) -> None:
        """Let the rows that nobody contests be written, and register them.

        Args:
            connection: Inside a transaction, behind every deletion; ``arrivals``, ``codes``, ``contested`` are there.
            entering: The sources of the batch.
        """
        members = tuple((member.number, member.load_id) for member in entering if member.rows.read > member.rows.faulty)
        if not members:
            return
        reads = (
            self._rows(connection),
            self.scratch.share(connection, "arrivals", ["customer_id", "customer_key"]),
            self.scratch.share(connection, "codes", ["source_code", "class_id", "kind"]),
            self.scratch.share(connection, "contested", ["transaction_id"]),
        )
        transactions = writing(connection, self.settings, "raw.transactions", months="booked_on")
        if facts := self.ask(Unit(enter_rows, (members,), reads, (transactions,))):
            register(connection, self.settings, facts.files)

    def _rows(self, connection: duckdb.DuckDBPyConnection) -> Reading:
        parts = tuple(Part(file.path) for file in self.files if file.table == "scratch.staged")
        columns = tuple(column for column in columns_of(connection, "temp.staged") if column[0] not in JUDGED_BY)
        return Reading("scratch.staged", columns, parts)


def _holding(
    connection: duckdb.DuckDBPyConnection, files: Sequence[DataFile], lowest: str, highest: str
) -> list[DataFile]:
    """Return the files of raw.transactions that may hold an id of a span, by what the catalog knows of them."""
    rows = connection.execute(query("units/select_id_spans").format(catalog=METADATA)).fetchall()
    elsewhere = {number for number, low, high in rows if None not in (low, high) and (low > highest or high < lowest)}
    return [f for f in files if f.table == "raw.transactions" and f.rows_held and f.file_id not in elsewhere]
