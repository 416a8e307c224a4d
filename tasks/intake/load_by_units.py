"""Load by units: machines without the ledger read and enter rows, batch by batch the committer takes them in."""

from collections.abc import Sequence
from functools import partial

import duckdb

from tasks.intake.batch_files import TABLES, BatchFiles, BatchRows
from tasks.intake.batch_units import hash_files, limits_of
from tasks.intake.batches import batches
from tasks.intake.context import Ingested, LoadContext
from tasks.intake.load import load_batch, write_all, write_batch
from tasks.intake.staged import Staged
from tasks.intake.staging_units import staging_units
from tasks.units.progress import Progress, silent
from tasks.units.unit import Ask, Crew, Facts, Unit, answer_ahead, by_units
from warehouse.errors import SourceError
from warehouse.registered import keep_out_of_catalog
from warehouse.scratch import Scratch, scratch
from warehouse.settings import Settings
from warehouse.sources.source import Source


def hash_by_units(settings: Settings, crew: Crew, sources: Sequence[Source]) -> list[Source]:
    """Return files with the fingerprints of their content, read by machines that see them under the same name.

    Raises:
        SourceError: One of them cannot be read.
    """
    limits = limits_of(settings)
    units = [Unit(hash_files, (limits, *batch), (), (), with_settings=True) for batch in batches(sources)]
    answers = crew(units, silent) if units else {}
    hashed = [source for unit in units for source in answers[unit].figures]
    for source in hashed:
        if isinstance(source, SourceError):
            raise source
    return hashed


def load_by_units(
    connection: duckdb.DuckDBPyConnection, sources: Sequence[Source], context: LoadContext, crew: Crew, told: Progress
) -> tuple[Ingested, list[SourceError]]:
    """Load sources in their order, as `load_batch` does batch by batch: as many transactions, and the same tables.

    Rows go from the sources to files of raw.transactions elsewhere. Here come what is told of them, those that are
    rejected, and those whose ids are contested. A query of a database is read here.

    Args:
        connection: A writing warehouse connection, outside of any transaction.
        sources: What to load, in order.
        context: Settings, contract and run.
        crew: Does the units.
        told: Called with sources done and in total.

    Returns:
        What became of their rows, and why some sources could not be read; nothing of those was loaded.
    """
    if not sources:
        return Ingested(), []
    keep_out_of_catalog(connection, TABLES)
    with scratch(connection, context.settings) as files:
        loading = _Loading(connection, context, crew, files)
        return loading.load(list(batches(sources)), told)


class _Loading:
    def __init__(self, connection: duckdb.DuckDBPyConnection, context: LoadContext, crew: Crew, files: Scratch) -> None:
        self.connection, self.context, self.crew, self.scratch = connection, context, crew, files
        self.answers: dict[Unit, Facts] = {}
        self.has_rehearsed = False

    def load(self, groups: Sequence[list[Source]], told: Progress) -> tuple[Ingested, list[SourceError]]:
        staged = self._stage(groups, told)
        total, problems, done = Ingested(), list[SourceError](), 0
        sources = sum(map(len, groups))
        for place, group in enumerate(groups):
            told(sources + done, 2 * sources)  # read, and not yet taken in, is half done
            if place in staged:
                loaded, unreadable = self._load([batch for at, batch in staged.items() if at >= place])
            else:
                loaded, unreadable = load_batch(self.connection, group, self.context)
            total, problems, done = total.plus(loaded), problems + unreadable, done + len(group)
        told(sources, sources)
        return total, problems

    def _stage(self, groups: Sequence[list[Source]], told: Progress) -> dict[int, BatchFiles]:
        """Let batches be read and judged, side by side."""
        readable = {place: group for place, group in enumerate(groups) if group[0].kind != "postgres"}
        units = staging_units(self.connection, self.context, self.scratch, readable, self.crew)
        answers = self.crew(list(units.values()), lambda done, total, *_: told(done, 2 * total)) if units else {}
        settings, files = self.context.settings, self.scratch
        return {place: BatchFiles(settings, files, unit, answers[unit]) for place, unit in units.items()}

    def _load(self, batches_left: Sequence[BatchFiles]) -> tuple[Ingested, list[SourceError]]:
        """Load the first of some batches."""
        batch = batches_left[0]

        def write(some: Sequence[Staged]) -> tuple[Ingested, int]:
            def work(ask: Ask) -> tuple[Ingested, int]:
                return self._write(BatchRows(batch, ask), some)

            attempts = self.context.settings.commit_attempts
            crew = partial(self._do_ahead, batches_left)
            return by_units(self.connection, work, crew, attempts, silent, self.answers)

        return write_all(batch.sources, write), list(batch.problems)

    def _do_ahead(self, batches_left: Sequence[BatchFiles], units: Sequence[Unit], told: Progress) -> dict[Unit, Facts]:
        """Do the units that a batch asks for; the first time, those that all behind it will ask for beside them."""
        if not self.has_rehearsed and len(batches_left) > 1:
            self.has_rehearsed = True
            attempts = self.context.settings.commit_attempts
            work = partial(self._rehearse, batches_left)
            self.answers |= answer_ahead(self.connection, work, self.crew, attempts, silent)
        missing = [unit for unit in units if unit not in self.answers]
        return dict(self.crew(missing, told)) if missing else {}

    def _rehearse(self, batches_left: Sequence[BatchFiles], ask: Ask) -> None:
        for batch in batches_left:
            write_all(batch.sources, partial(self._write, BatchRows(batch, ask, is_rehearsal=True)))

    def _write(self, rows: BatchRows, some: Sequence[Staged]) -> tuple[Ingested, int]:
        return write_batch(self.connection, some, self.context, elsewhere=rows)
