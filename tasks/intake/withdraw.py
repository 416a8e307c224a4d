"""Withdraw: takes out what was loaded, as if it had never come; the ledger keeps the line."""

from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from tasks.intake.batch import Member, leaving_with, prepare
from tasks.intake.claims import find_claims, settle_claims
from tasks.intake.customers import correct_first_seen, find_leaving
from tasks.intake.gate import end_holding
from tasks.intake.ledger import IN_FORCE, Line, find_line
from tasks.intake.load import mark_months
from warehouse.connection import connect, in_transaction
from warehouse.errors import MicrosegError
from warehouse.migrations import expect_schema
from warehouse.queries import query
from warehouse.reference.sets import SourceFormat
from warehouse.settings import Settings
from warehouse.sources.expressions import claim_fields
from warehouse.sources.staging import Rows

WITHDRAWN = "withdrawn"
UNDONE = "withdrawal undone"


@dataclass(frozen=True)
class Withdrawal:
    """What a withdrawal did.

    Attributes:
        line: The load, as it was before.
        months: Months that are summed anew by the next run.
        waiting: Rejected rows that wait again, because the replay that corrected them was withdrawn.
        replays: Loads that put corrected rows of this one back; they stay.
    """

    line: Line
    months: int
    waiting: int
    replays: tuple[str, ...]


def withdraw(settings: Settings, contract: SourceFormat, load_id: str, reason: str, by: str) -> Withdrawal:
    """Take a load's rows out, as one transaction.

    The ids it held go to the claims that remain, its months become stale, its rows leave the quarantine, and its
    customers are known by their other rows, or no more. The same version does not come back by itself. Of one that is
    withdrawn already nothing is done.

    Args:
        settings: Settings of the warehouse.
        contract: Names the source's columns, for claims that are rejected anew.
        load_id: The load, as `microseg loads` shows it.
        reason: Kept in the ledger.
        by: Who withdraws it.

    Raises:
        MicrosegError: There is no such load, or a newer version replaced it.
    """

    def write() -> Withdrawal:
        connection.execute(query("raw/take_turn"), {"load_id": load_id})
        line = find_line(connection, load_id)
        if line.status == WITHDRAWN:  # a command that was killed behind its commit is given again
            return Withdrawal(line, 0, 0, ())
        replays = connection.execute(query("raw/select_replays"), {"load_id": load_id}).fetchall()
        done = Withdrawal(line, *_leave(connection, contract, line), tuple(str(replay) for (replay,) in replays))
        told = {"load_id": load_id, "reason": reason, "withdrawn_by": by}
        connection.execute(query("raw/update_withdrawn"), told)
        return done

    with expect_schema(settings), connect(settings) as connection:
        return in_transaction(connection, write, settings.commit_attempts)


def undo_withdrawal(settings: Settings, load_id: str) -> Line:
    """Let a withdrawn version come back: the next night loads it again if its source still is that version.

    One that was let back before and has not come yet stays so.

    Raises:
        MicrosegError: There is no such load, nobody withdrew it, or it was a replay, which has no source.
    """

    def write() -> Line:
        line = find_line(connection, load_id)
        if _is_undone(connection, load_id):
            return line
        if line.status != WITHDRAWN:
            raise MicrosegError(f"{line.named} is not withdrawn but {line.status}")
        if line.is_replay:
            raise MicrosegError(f"{line.named} was a replay: its rejects are waiting again; correct and replay them")
        statement = "UPDATE raw.loads SET status = 'replaced', reason = $2 WHERE load_id = $1"
        connection.execute(statement, [load_id, UNDONE])
        return line

    with expect_schema(settings), connect(settings) as connection:
        return in_transaction(connection, write, settings.commit_attempts)


def _is_undone(connection: duckdb.DuckDBPyConnection, load_id: str) -> bool:
    text = "SELECT 1 FROM raw.loads WHERE load_id = $1 AND status = 'replaced' AND reason = $2"
    return connection.execute(text, [load_id, UNDONE]).fetchone() is not None


def take_out(connection: duckdb.DuckDBPyConnection, contract: SourceFormat, line: Line) -> tuple[int, int]:
    """Take the rows of a load that is in force out, inside a transaction; its line of the ledger stays as it is.

    Returns:
        Months that became stale, and rejected rows that wait again.
    """
    connection.execute(query("raw/create_staged"))
    gone = Member(0, line.load_id, line.source, "", Rows(0, 0), datetime.now(UTC), line.span)
    leaving = leaving_with([gone])
    prepare(connection, [gone])
    find_claims(connection, leaving)
    anybody_left = find_leaving(connection, leaving)
    waiting = _undo_corrections(connection, line) if line.is_replay else 0
    settle_claims(connection, leaving, claim_fields(contract))
    mark_months(connection, leaving)
    if anybody_left:
        correct_first_seen(connection)
    months = connection.execute("SELECT count(DISTINCT month) FROM touched").fetchone() or (0,)
    return int(months[0]), waiting


def _leave(connection: duckdb.DuckDBPyConnection, contract: SourceFormat, line: Line) -> tuple[int, int]:
    if line.status in IN_FORCE:
        return take_out(connection, contract, line)
    if line.status == "held":
        end_holding(connection, [line.load_id], WITHDRAWN)
        return 0, 0
    raise MicrosegError(
        f"{line.named} was replaced by a newer version of its source: none of its rows are loaded; `microseg loads` "
        "lists the loads in use"
    )


def _undo_corrections(connection: duckdb.DuckDBPyConnection, line: Line) -> int:
    """Let the rejects that a replay corrected wait again, and the claims stand again that it spoke for."""
    for table, column in (("raw.duplicates", "mended_load_id"), ("raw.rejected", "replayed_load_id")):
        row = connection.execute(f"UPDATE {table} SET {column} = NULL WHERE {column} = $1", [line.load_id]).fetchone()
    return int(row[0]) if row else 0
