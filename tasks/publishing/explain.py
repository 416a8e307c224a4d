"""Explain: why a customer is in a segment, in sentences that a risk officer can read."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import duckdb
import numpy as np

from model.reasons import NO_CLASS, Reasons, explain, nudge
from model.trajectories import hidden_states, logits, mean_share
from model.types import FloatArray
from model.vocabulary import INSUFFICIENT, LETTERS, TRAITS, UNASSIGNED, UNDETERMINED, WITHHELD
from tasks.science.model_store import Model, load
from tasks.science.panel import Panel, read_coefficients, read_panel
from warehouse.connection import connect
from warehouse.errors import MicrosegError
from warehouse.queries import query
from warehouse.settings import Settings

SHOWN = 6


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
class Turn:
    """The smallest change of one class that would carry the customer over the nearest boundary."""

    label: str
    share: float
    needed: float


@dataclass(frozen=True)
class Explanation:
    """Why a customer is where it is; `lead` = `explained` + `intercept` + `residual`, logit points."""

    segment: str
    depth: int
    margin: float
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
    turn: Turn | None = None


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
        found = Explanation(*values)
        return _with_reasons(connection, found, key) if found.depth else found


def _with_reasons(connection: duckdb.DuckDBPyConnection, found: Explanation, key: int) -> Explanation:
    model = load(connection)
    if model is None or model.version != found.model_version:
        raise MicrosegError(f"the segment was made by model {found.model_version}, no longer the champion: run again")
    connection.execute("CREATE OR REPLACE TEMP TABLE asked AS SELECT $1::INTEGER AS customer_key", [key])
    coefficients = read_coefficients(connection)
    panel = read_panel(connection, found.as_of, found.window_name, "asked", len(coefficients))
    average = mean_share(panel.shares, panel.mask)
    which = {"as_of": found.as_of, "window_name": found.window_name, "customer_key": key}
    rows = connection.execute(query("features/select_customer_reasons"), which).fetchall()
    reasons = tuple(
        Reason(label, points, float(average[0, class_id]), float(model.population_mean[class_id]), amount)
        for class_id, label, points, amount in rows
    )
    labels = dict(connection.execute("SELECT class_id, label FROM ref.classes").fetchall())
    return replace(found, reasons=reasons, turn=nearest_turn(found, panel, average, model, labels))


def nearest_turn(
    found: Explanation, panel: Panel, average: FloatArray, model: Model, labels: dict[int, str]
) -> Turn | None:
    """Return what would carry the customer into the neighbouring segment; None when no single class can.

    Args:
        found: Segment and neighbour, whose first different letter names the two traits that would change places.
        panel: The customer's shares, n = 1.
        average: Its mean shares, (1, C).
        model: The champion.
        labels: Class labels by id.
    """
    if not found.neighbour:
        return None
    pairs = zip(found.segment.split("."), found.neighbour.split("."), strict=False)
    ahead, behind = next((LETTERS.index(a), LETTERS.index(b)) for a, b in pairs if a != b)
    states = hidden_states(model.weights, panel.shares, panel.mask)[:, -1]
    levels = logits(model.weights, states)
    reasons = explain(average, model.population_mean, model.surrogate, model.weights, states)
    change = nudge(
        _between(reasons, levels, ahead, behind), average, model.surrogate, model.weights, model.share_ceiling
    )
    position = int(change.position[0])
    if position == NO_CLASS:
        return None
    share = float(average[0, position])
    return Turn(labels[position], share, share + float(change.change[0]))


def _between(reasons: Reasons, levels: FloatArray, ahead: int, behind: int) -> Reasons:
    """Return the reasons with the lead of one given trait over another."""
    lead = levels[:, ahead] - levels[:, behind]
    return replace(reasons, dominant=np.array([ahead]), runner_up=np.array([behind]), lead=lead)


def sentences(found: Explanation) -> list[str]:
    """Return the explanation in words; the customer is not named."""
    if not found.depth:
        return [_without_segment(found)]
    first, second = trait(found.dominant), trait(found.runner_up)
    lines = [
        f"This customer is in segment {found.segment} ({in_words(found.segment)}) as of {found.as_of}, "
        f"from {found.active_steps} active steps of the {found.window_name} window (model {found.model_version}).",
        f"Spending speaks for {first} rather than {second} by {found.lead:.2f} logit points. The classes behind it:",
    ]
    lines += [f"  {_reason(reason)}" for reason in found.reasons[:SHOWN]]
    lines.append(
        f"All classes together give {found.explained:+.2f}, the average customer {found.intercept:+.2f}, and "
        f"{found.residual:+.2f} is what this linear account does not see"
        + ("; that outweighs the reasons, so take them as weak." if found.weak else ".")
    )
    lines.append(_border(found))
    lines.append("The score is an index of spending, not a diagnosis of a person.")
    return lines


def _without_segment(found: Explanation) -> str:
    reasons = {
        INSUFFICIENT: f"has {found.active_steps} steps with spending in the {found.window_name} window, too few for a "
        "segment",
        UNDETERMINED: "spends in a way that points in no direction",
        WITHHELD: "has a segment that is not shown, because that would show a group of too few customers",
        UNASSIGNED: "has no segment that can be shown, and saying why would show a group of too few customers",
    }
    return f"As of {found.as_of} this customer {reasons[found.segment]}: {found.segment}."


def _reason(reason: Reason) -> str:
    side = "for" if reason.contribution >= 0 else "against"
    return (
        f"{reason.contribution:+.2f} {side}: {reason.label}, {reason.share:.1%} of spending where {reason.usual:.1%} "
        f"is usual ({reason.amount:,.2f} in the window)"
    )


def _border(found: Explanation) -> str:
    if not found.neighbour:
        angle = f"{np.degrees(found.margin):.1f} degrees away"
        return f"The nearest boundary is {angle}; too few customers are beyond it to name a segment there."
    start = f"The nearest segment is {found.neighbour}, {np.degrees(found.margin):.1f} degrees away"
    if found.turn is None:
        return f"{start}; no change of a single class would lead there."
    direction = "rising" if found.turn.needed > found.turn.share else "falling"
    return (
        f"{start}; about there would lead {found.turn.label} {direction} from {found.turn.share:.1%} to "
        f"{found.turn.needed:.1%} of spending, all else in proportion."
    )


def trait(letter: str) -> str:
    """Return the name of a trait.

    >>> trait("E")
    'extraversion'
    """
    return TRAITS[LETTERS.index(letter)]


def in_words(segment: str) -> str:
    """Return a segment's traits in words.

    >>> in_words("E.A")
    'extraversion, then agreeableness'
    """
    return ", then ".join(trait(letter) for letter in segment.split("."))
