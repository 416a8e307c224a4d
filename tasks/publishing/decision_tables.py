"""What a retraining and a backfill came to, as small tables for the terminal and for Prefect's pages."""

from dataclasses import dataclass
from datetime import date, datetime
from math import isfinite

from tasks.operation.tables import Table
from tasks.science.retrain import Decision
from warehouse.connection import connect
from warehouse.queries import query
from warehouse.settings import Settings

FIGURES = "On the same test customers"
MOVERS = "Who would change segment at depth 1 (small groups are left out)"


def comparison_table(decision: Decision) -> Table:
    """Return the figures of champion and challenger side by side, with what the challenger gains or loses."""
    rows = tuple(
        (name, _figure(was), _figure(decision.challenger[name]), _figure(decision.challenger[name] - was, "+"))
        for name, was in sorted(decision.champion.items())
        if name in decision.challenger
    )
    return Table(FIGURES, ("figure", "champion", "challenger", "change"), rows)


def _figure(value: float, sign: str = "") -> str:
    """Return a figure with three digits; empty where it could not be measured, as on a handful of customers."""
    return f"{value:{sign},.3f}" if isfinite(value) else ""


def movers_table(decision: Decision) -> Table:
    """Return who would change segment of depth 1, most customers first."""
    ordered = sorted(decision.movers.items(), key=lambda item: (-item[1], item[0]))
    rows = tuple((before, after, f"{count:,}") for (before, after), count in ordered)
    return Table(MOVERS, ("from", "to", "customers"), rows)


@dataclass(frozen=True)
class Rebuilt:
    """What became of one date of a backfill.

    Attributes:
        as_of: Business date.
        status: As in ops.backfill.
        customers: Customers with a segment; None unless it succeeded.
        seconds: From its start to its end; None while it has not ended.
        message: Why it failed, first line; empty otherwise.
    """

    as_of: date
    status: str
    customers: int | None
    seconds: float | None
    message: str


def read_rebuilt(settings: Settings, since: datetime) -> list[Rebuilt]:
    """Return the dates whose rebuilding was asked for since a moment, oldest date first.

    Args:
        settings: The warehouse.
        since: Moment before the backfill, with its time zone.
    """
    with connect(settings, read_only=True) as connection:
        asked = connection.execute(query("ops/select_rebuilt"), {"since": since.isoformat()}).fetchall()
    return [Rebuilt(*row) for row in asked]


def rebuilt_table(rebuilt: list[Rebuilt]) -> Table:
    """Return what became of each date, with the reason where one failed."""
    rows = tuple(
        (
            str(one.as_of),
            one.status,
            "" if one.customers is None else f"{one.customers:,}",
            "" if one.seconds is None else f"{one.seconds:,.1f}",
            one.message,
        )
        for one in rebuilt
    )
    return Table("Result of each date", ("date", "result", "customers", "seconds", "reason"), rows)


def rebuilt_line(rebuilt: list[Rebuilt]) -> str:
    """Return the result of a backfill in one line."""
    owed = [one for one in rebuilt if one.status not in {"succeeded", "dismissed"}]
    line = f"{len(rebuilt) - len(owed)} of {len(rebuilt)} dates rebuilt"
    if not owed:
        return f"{line}."
    return f"{line}, {len(owed)} still to do; fix the cause, then run the same command with --only-failed."
