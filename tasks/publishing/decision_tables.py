"""What a retraining came to, as small tables for the terminal and for Prefect's pages."""

from math import isfinite

from tasks.operation.tables import Table
from tasks.science.retrain import Decision

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
