"""Explain: why a customer is in a segment, in sentences that a risk officer can read."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

import duckdb
import numpy as np

from model.counterfactual import Counterfactual, Move, find_counterfactual
from model.trajectories import mean_share
from model.vocabulary import INSUFFICIENT, UNASSIGNED, UNDETERMINED, WITHHELD
from tasks.publishing.words import in_words, trait
from tasks.science.model_store import Model, load_version
from tasks.science.panel import Panel, read_coefficients, read_panel
from tasks.science.scope import open_scope
from warehouse.connection import connect
from warehouse.errors import MicrosegError
from warehouse.queries import query
from warehouse.settings import Settings

SHOWN = 6
WITHIN = "without raising it above what 99 in 100 customers spend on it"
CHANGED = (
    "The customer's spending has changed since this segment was published: shares and amounts are today's, and what "
    "would move the customer is shown again after the next release."
)


@dataclass(frozen=True)
class Reason:
    """One class behind a segment.

    Attributes:
        label: The class.
        contribution: Logit points towards the dominant trait.
        share: The customer's mean share of spending, 0 to 1.
        usual: The population's.
        amount: Spending over the window, units of currency.
    """

    label: str
    contribution: float
    share: float
    usual: float
    amount: Decimal


@dataclass(frozen=True)
class Explanation:
    """Why a customer is where it is; `lead` = `explained` + `intercept` + `residual`, logit points."""

    segment: str
    depth: int
    margin: float | None
    neighbour: str | None
    window_name: str
    as_of: date
    model_version: str
    active_steps: int
    dominant: str
    runner_up: str
    lead: float
    explained: float
    intercept: float
    residual: float
    weak: bool
    reasons: tuple[Reason, ...] = ()
    counterfactual: Counterfactual | None = None
    labels: Mapping[int, str] = field(default_factory=dict)
    changed: bool = False


def explain_customer(settings: Settings, customer_id: str) -> Explanation:
    """Read why one customer is in the published segment.

    Args:
        settings: Settings of the warehouse.
        customer_id: The bank's own identifier; it appears in no message.

    Raises:
        MicrosegError: The customer has no published segment, or the model that made it is gone.
    """
    with connect(settings, read_only=True) as connection:
        row = connection.execute(query("features/select_customer"), {"customer_id": customer_id}).fetchone()
        if row is None:
            raise MicrosegError("this customer has no published segment: check the id, or run `microseg run` first")
        key, *values = row
        explanation = Explanation(*values)
        return _with_reasons(connection, explanation, key) if explanation.depth else explanation


def _with_reasons(connection: duckdb.DuckDBPyConnection, explanation: Explanation, key: int) -> Explanation:
    model = load_version(connection, explanation.model_version)
    open_scope(connection)
    connection.execute("CREATE OR REPLACE TEMP TABLE asked AS SELECT $1::INTEGER AS customer_key", [key])
    coefficients = read_coefficients(connection)
    panel = read_panel(connection, explanation.as_of, explanation.window_name, "asked", len(coefficients))
    average = mean_share(panel.shares, panel.mask)
    keys = {"as_of": explanation.as_of, "window_name": explanation.window_name, "customer_key": key}
    rows = connection.execute(query("features/select_customer_reasons"), keys).fetchall()
    reasons = tuple(
        Reason(label, points, float(average[0, class_id]), float(model.population_mean[class_id]), amount)
        for class_id, label, points, amount in rows
    )
    labels = dict(connection.execute("SELECT class_id, label FROM classes").fetchall())
    changed = connection.execute(query("features/select_customer_changed"), keys).fetchone() != (False,)
    way_out = None if changed else what_would_move(explanation, panel, model)
    return replace(explanation, reasons=reasons, counterfactual=way_out, labels=labels, changed=changed)


def what_would_move(explanation: Explanation, panel: Panel, model: Model) -> Counterfactual | None:
    """Return the smallest change of one class, or else of two, that leads into another segment than the published one.

    Args:
        explanation: The published segment and its depth.
        panel: The customer's shares, n = 1, that the segment was made from.
        model: The model that made it.
    """
    return find_counterfactual(model.weights, panel.shares[0], panel.mask[0], model.share_ceiling, explanation.depth)


def sentences(explanation: Explanation) -> list[str]:
    """Return the explanation in words; the customer is not named."""
    if not explanation.depth:
        return [_without_segment(explanation)]
    first, second = trait(explanation.dominant), trait(explanation.runner_up)
    lines = [
        f"This customer is in segment {explanation.segment} ({in_words(explanation.segment)}) "
        f"as of {explanation.as_of}, from {explanation.active_steps} active steps of the {explanation.window_name} "
        f"window (model {explanation.model_version}).",
        f"Spending favours {first} over {second} by {explanation.lead:.2f} logit points. The classes behind it:",
    ]
    lines += [f"  {_reason(reason)}" for reason in explanation.reasons[:SHOWN]]
    lines.append(
        f"All classes together give {explanation.explained:+z.2f}, the average customer {explanation.intercept:+z.2f}, "
        f"and {explanation.residual:+z.2f} is not explained by this linear model"
        + ("; this outweighs the reasons, so treat them as weak." if explanation.weak else ".")
    )
    lines += _border(explanation)
    lines += [CHANGED] if explanation.changed else _way_out(explanation.counterfactual, explanation.labels)
    lines.append("The score is an index of spending, not a diagnosis of a person.")
    return lines


def _without_segment(explanation: Explanation) -> str:
    reasons = {
        INSUFFICIENT: f"has {explanation.active_steps} steps with spending in the {explanation.window_name} window, "
        "too few for a segment",
        UNDETERMINED: "has spending that shows no clear direction",
        WITHHELD: "has a segment that is not shown, because it would reveal a group of too few customers",
        UNASSIGNED: "has no segment that can be shown, and saying why would reveal a group of too few customers",
    }
    return f"As of {explanation.as_of} this customer {reasons[explanation.segment]}: {explanation.segment}."


def _reason(reason: Reason) -> str:
    side = "for" if reason.contribution >= 0 else "against"
    return (
        f"{reason.contribution:+z.2f} {side}: {reason.label}, {reason.share:.1%} of spending; usual is "
        f"{reason.usual:.1%} ({reason.amount:,.2f} in the window)"
    )


def _border(explanation: Explanation) -> list[str]:
    if explanation.margin is None:
        return []
    angle = f"{np.degrees(explanation.margin):.1f} degrees away"
    if not explanation.neighbour:
        return [f"The nearest boundary is {angle}; too few customers are beyond it to name a segment there."]
    return [f"The nearest segment is {explanation.neighbour}, {angle}."]


def _way_out(counterfactual: Counterfactual | None, labels: Mapping[int, str]) -> list[str]:
    if counterfactual is None:
        return [
            "No change was found that would move this customer into another segment: no change in a single class "
            f"would, {WITHIN}, and none was found in two classes."
        ]
    moves = counterfactual.moves
    others = "no smaller change in a single class" if len(moves) == 1 else "no change in a single class"
    return [
        f"If {' and '.join(_figures(move, labels) for move in moves)}, this customer would be in segment "
        f"{counterfactual.segment}; {others} would move them into another segment {WITHIN}.",
        f"The change is the same in every active step: {', '.join(_in_every_step(move, labels) for move in moves)}, "
        "and everything else keeps its proportions.",
    ]


def _figures(move: Move, labels: Mapping[int, str]) -> str:
    needed, current = (f"{share:.{move.decimals}%}" for share in (move.needed, move.current))
    return f"{labels[move.position]} took {needed} of spending on average instead of {current}"


def _in_every_step(move: Move, labels: Mapping[int, str]) -> str:
    rises = move.needed > move.current
    return (
        f"{labels[move.position]} {'takes an equal part of all other spending' if rises else 'is cut by an equal part'}"
    )
