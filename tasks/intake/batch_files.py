"""The rows of a batch that lie in files of units: the committer sees their sums, their faults and what is contested."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb

from tasks.intake.batch import Member
from tasks.intake.batch_units import SUMMARIES, Members, enter_rows, find_contested
from tasks.intake.claims import any_contested
from tasks.intake.staged import Staged
from tasks.intake.staging_units import create_tables, shared_codes
from tasks.units.chunks import chunks
from tasks.units.unit import Ask, Facts, Unit
from warehouse.attachment import METADATA
from warehouse.errors import SourceError
from warehouse.lone import NewFile, Part, Reading
from warehouse.queries import query
from warehouse.registered import columns_of, reading, register, writing
from warehouse.scratch import Scratch, read_back
from warehouse.settings import Settings
from warehouse.stored import DataFile, live_files

# Whose rows have to lie in files.
TABLES = ("raw.transactions",)
# Of rows that are in, among which one unit looks for ids.
ROWS_AT_ONCE = 50_000_000


@dataclass(frozen=True)
class BatchFiles:
    """A batch that a unit has read and judged.

    Attributes:
        settings: Where the data lies.
        scratch: The files of this step.
        unit: That did it (`staging_units`).
        staged: What it came to.
    """

    settings: Settings
    scratch: Scratch
    unit: Unit
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

    @property
    def files(self) -> tuple[NewFile, ...]:
        """What the unit wrote."""
        return self.staged.files

    @property
    def members(self) -> Members:
        """Number and load of each source with good rows."""
        return tuple((each.number, each.source.load_id) for each in self.sources if each.rows.read > each.rows.faulty)


@dataclass(frozen=True)
class BatchRows:
    """The rows of a batch, in one run of the transaction that writes it.

    Attributes:
        batch: That a unit has read.
        ask: Answers to units.
        is_rehearsal: Whether nothing is registered: what follows in the same transaction might delete the files.
    """

    batch: BatchFiles
    ask: Ask
    is_rehearsal: bool = False

    def fetch(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Fill the temporary tables with sums and faults; ``staged`` stays empty until ids are contested."""
        create_tables(connection)
        for table in ("malformed", "faulty", *SUMMARIES):
            read_back(connection, table, self.batch.files)

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
        numbers = {number for number, *_ in spans}
        members = tuple(member for member in self.batch.members if member[0] in numbers)
        lowest, highest = min(low for _, low, *_ in spans), max(high for *_, high, _ in spans)
        files = live_files(connection)
        holding = _holding(connection, files, lowest, highest)
        scratch = self.batch.scratch
        if not (holding or any(repeated for *_, repeated in spans)):
            return  # what leaves, and releases ids, is among the files
        reads = (*self._written(connection), scratch.share(connection, "released", ["transaction_id"]))
        tables = tuple(scratch.writing(connection, table) for table in ("contested_ids", "claiming"))
        # The batch may contest itself, where it meets no row that is in.
        for some in list(chunks(holding, lambda file: file.rows_held, ROWS_AT_ONCE)) or [[]]:
            held = reading(connection, self.batch.settings, files, "raw.transactions", set(some).__contains__)
            yield Unit(find_contested, (members, tuple(replaced)), (*reads, held), tables)

    def insert(self, connection: duckdb.DuckDBPyConnection, entering: Sequence[Member]) -> None:
        """Register the files of the batch; where their rows are not those that enter, others are written from them.

        Args:
            connection: Inside a transaction, behind every deletion; ``arrivals``, ``codes``, ``contested`` are there.
            entering: The sources of the batch.
        """
        members = tuple((member.number, member.load_id) for member in entering if member.rows.read > member.rows.faulty)
        if not members:
            return
        written = [file for file in self.batch.files if file.table == "raw.transactions"]
        if not self._is_final(connection, members):
            facts = self.ask(self._enter_unit(connection, members))
            written = [*facts.files] if facts else []
        if not self.is_rehearsal:
            register(connection, self.batch.settings, written)

    def _is_final(self, connection: duckdb.DuckDBPyConnection, members: Members) -> bool:
        """Tell whether what was written is what enters: these sources, codes and keys, and no id is contested.

        Keys that nobody expected are never right, so that what lies in scratch does not enter.
        """
        return (
            set(members) == set(self.batch.members)
            and shared_codes(connection, self.batch.scratch) in self.batch.unit.reads
            and not any_contested(connection)
            and connection.execute(query("units/select_rekeyed")).fetchone() == (False,)
        )

    def _enter_unit(self, connection: duckdb.DuckDBPyConnection, members: Members) -> Unit:
        scratch = self.batch.scratch
        reads = (
            *self._written(connection),
            scratch.share(connection, "arrivals", ["customer_id", "customer_key"]),
            shared_codes(connection, scratch),
            scratch.share(connection, "contested", ["transaction_id"]),
        )
        transactions = writing(connection, self.batch.settings, "raw.transactions", months="booked_on")
        return Unit(enter_rows, (members,), reads, (transactions,))

    def _written(self, connection: duckdb.DuckDBPyConnection) -> tuple[Reading, Reading]:
        """Return the rows as they were written at first, and the customers that their keys stand for."""
        return (
            self._reading(connection, "raw.transactions", "raw.transactions")._replace(table="scratch.written"),
            self._reading(connection, "scratch.staged_customers", "temp.staged_customers"),
        )

    def _reading(self, connection: duckdb.DuckDBPyConnection, table: str, like: str) -> Reading:
        parts = tuple(Part(file.path) for file in self.batch.files if file.table == table)
        return Reading(table, columns_of(connection, like), parts)


def _holding(
    connection: duckdb.DuckDBPyConnection, files: Sequence[DataFile], lowest: str, highest: str
) -> list[DataFile]:
    """Return the files of raw.transactions that may hold an id of a span, by what the catalog knows of them."""
    rows = connection.execute(query("units/select_id_spans").format(catalog=METADATA)).fetchall()
    elsewhere = {number for number, low, high in rows if None not in (low, high) and (low > highest or high < lowest)}
    return [f for f in files if f.table == "raw.transactions" and f.rows_held and f.file_id not in elsewhere]
