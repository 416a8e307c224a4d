"""Load: a batch of sources into the raw tables, as one transaction."""

from collections.abc import Callable, Sequence
from functools import partial

import duckdb

from tasks.intake.batch import Leaving, Member, leaving_with, prepare
from tasks.intake.batch_files import BatchRows
from tasks.intake.claims import any_contested, find_claims, settle_claims
from tasks.intake.context import Ingested, LoadContext
from tasks.intake.customers import correct_first_seen, enter_customers, find_leaving
from tasks.intake.gate import end_holding, hold, judge
from tasks.intake.ledger import Version, enter_ledger, read_versions
from tasks.intake.quarantine import fill_quarantine
from tasks.intake.staged import Staged, stage_batch
from warehouse.connection import in_transaction
from warehouse.errors import SourceError
from warehouse.queries import query
from warehouse.sources.expressions import claim_fields
from warehouse.sources.source import Source


def load_batch(
    connection: duckdb.DuckDBPyConnection, sources: Sequence[Source], context: LoadContext
) -> tuple[Ingested, list[SourceError]]:
    """Load sources in place of the versions of them that were loaded before, as if one after the other.

    They share one transaction, unless the fate of one hangs on the ids of others: then those before it have one of
    their own, and so has that one.

    Args:
        connection: A writing warehouse connection, outside of any transaction.
        sources: What to load, in order.
        context: Settings, contract and run.

    Returns:
        What became of their rows, and why some sources could not be read; nothing of those was loaded.
    """
    staged, problems = stage_batch(connection, sources, context)

    def write(some: Sequence[Staged]) -> tuple[Ingested, int]:
        return in_transaction(
            connection, partial(write_batch, connection, some, context), context.settings.commit_attempts
        )

    return write_all(staged, write), problems


def write_all(staged: Sequence[Staged], write: Callable[[Sequence[Staged]], tuple[Ingested, int]]) -> Ingested:
    """Write what is staged, in one transaction or several.

    Args:
        staged: In order.
        write: Writes as many of the first as one transaction may (`write_batch`).
    """
    total = Ingested()
    while staged:
        done, taken = write(staged)
        total, staged = total.plus(done), staged[taken:]
    return total


def write_batch(
    connection: duckdb.DuckDBPyConnection,
    staged: Sequence[Staged],
    context: LoadContext,
    gated: bool = True,
    elsewhere: BatchRows | None = None,
) -> tuple[Ingested, int]:
    """Write what is staged, inside a transaction: rows, quarantine, stale months and the ledger's lines.

    Args:
        connection: Inside a transaction.
        staged: What to write, in order.
        context: Contract, limit of rejects and run.
        gated: Hold loads back when too many of their rows are rejected.
        elsewhere: The rows, where they lie in files of units; None: they are in ``staged``.

    Returns:
        What became of their rows, and how many of the sources are done; the others want another transaction. Of a
        version that is loaded already, or that somebody withdrew, nothing is written.
    """
    connection.execute(query("raw/take_turn"), {"load_id": staged[0].source.load_id})
    if elsewhere:
        elsewhere.fetch(connection)
    versions = read_versions(connection, [each.source.name for each in staged])
    known = {version.load_id: version for version in versions if version.in_force or version.left_out}
    fresh = [_member(each, versions) for each in staged if each.source.load_id not in known]
    entering, held = _admit(connection, fresh, context.settings.max_reject_rate if gated else 1.0, elsewhere)
    waiting = fresh[len(entering) + len(held) :]
    done = [each for each in staged if not waiting or each.number < waiting[0].number]
    _end_earlier(connection, versions, done)
    if entering:
        _write_rows(connection, entering, context, elsewhere)
    total = enter_ledger(connection, entering, "pending", context.run_id)
    if held:
        hold(connection, held, context, elsewhere)
    same = [known[each.source.load_id] for each in done if each.source.load_id in known]
    unchanged = sum(version.in_force for version in same)
    aside = Ingested(len(same) + len(held), unchanged, held=len(held), withdrawn=len(same) - unchanged)
    return total.plus(aside), len(done)


def _member(staged: Staged, versions: Sequence[Version]) -> Member:
    source = staged.source
    mine = [version for version in versions if version.source == source.name]
    replaced = next((version.span for version in mine if version.in_force), None)
    return Member(staged.number, source.load_id, source.name, source.fingerprint, staged.rows, staged.started, replaced)


def _admit(
    connection: duckdb.DuckDBPyConnection, fresh: Sequence[Member], limit: float, elsewhere: BatchRows | None
) -> tuple[list[Member], list[Member]]:
    """Tell who enters and who is held back, and rank the claims of those who enter.

    Rows that lose their id count as rejects, and a source may lose more of them to those that come after it, never
    fewer. Within the limit beside the whole batch, it is within it in its turn; otherwise those before it are taken
    first, and then it alone.
    """
    held = [member for member in fresh if member.rows.faulty > member.rows.read * limit]
    entering = [member for member in fresh if member not in held]
    if not entering:
        return [], held
    prepare(connection, entering, elsewhere is not None)
    find_claims(connection, leaving_with(entering), elsewhere)
    verdicts = zip(entering, judge(connection), strict=True)
    doubtful = [member for member, rejected in verdicts if rejected > member.rows.read * limit]
    if not doubtful:
        return entering, held
    if len(fresh) == 1:
        return [], doubtful
    before = [member for member in fresh if member.number < doubtful[0].number]
    return _admit(connection, before or fresh[:1], limit, elsewhere)


def _end_earlier(connection: duckdb.DuckDBPyConnection, versions: Sequence[Version], done: Sequence[Staged]) -> None:
    """Let go of versions that were held back; a line of this very version makes room for the new one."""
    names = {each.source.name for each in done}
    end_holding(connection, [v.load_id for v in versions if v.status == "held" and v.source in names], "replaced")
    coming = {each.source.load_id for each in done}
    if again := [v.load_id for v in versions if v.load_id in coming and not (v.in_force or v.left_out)]:
        connection.execute("DELETE FROM raw.loads WHERE list_contains($1::VARCHAR[], load_id)", [again])


def _write_rows(
    connection: duckdb.DuckDBPyConnection,
    entering: Sequence[Member],
    context: LoadContext,
    elsewhere: BatchRows | None,
) -> None:
    leaving = leaving_with(entering)
    anybody_left = find_leaving(connection, leaving)
    enter_customers(connection)
    settle_claims(connection, leaving, claim_fields(context.reference.source))
    if elsewhere:
        elsewhere.insert(connection, entering)
    else:
        uncontested = "ANTI JOIN contested USING (transaction_id)" if any_contested(connection) else ""
        connection.execute(query("raw/insert_transactions").format(condition=uncontested))
    fill_quarantine(connection, entering)
    mark_months(connection, leaving)
    if leaving:
        replaced = "UPDATE raw.loads SET status = 'replaced' WHERE list_contains($1::VARCHAR[], load_id)"
        connection.execute(replaced, [list(leaving.load_ids)])
    if anybody_left:
        correct_first_seen(connection)


def mark_months(connection: duckdb.DuckDBPyConnection, leaving: Leaving | None) -> None:
    """Mark the months that loads bring rows into, settle claims in, or take rows out of."""
    connection.execute(query("raw/create_touched"))
    if leaving:
        connection.execute(query("raw/insert_touched"))
    connection.execute(query("raw/insert_stale_months"))
