"""Customer: all that the page of one customer says, for the risk officer who asks by the bank's own identifier."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, cast

import numpy as np

from model.angles import to_angles
from model.personality import dominance_order, segment_names
from model.vocabulary import UNDETERMINED
from tasks.publishing.digest import newest_booking
from tasks.publishing.explain import explain_customer, sentences
from tasks.report.context import Context, open_context
from tasks.report.customer_content import CustomerPage, Month, Spell, Step
from tasks.report.facts import currency, is_simulated, local
from tasks.report.words import description, traits_of
from tasks.science.model_store import load_version
from warehouse.connection import connect
from warehouse.errors import MicrosegError
from warehouse.queries import query
from warehouse.settings import Settings

if TYPE_CHECKING:
    from tasks.report.content_beside import State
    from tasks.report.sizes import Memberships

CAUTIONS = (
    "The score is an index of spending, not a measurement of personality and not a diagnosis of a person.",
    "Published correlations between spending and questionnaires of personality are about 0.15.",
    "It is no basis for decisions about credit, prices or employment.",
    "Reasons come from a linear account of the network; what it leaves open is said beside them.",
    "A customer near a boundary may change segment with little spending.",
)
STAND_IN = "The coefficients behind the traits are an authored stand-in, not measured on people."
MONTHS = {"annual": 72, "bimonthly": 12}


def read_customer(settings: Settings, customer_id: str) -> CustomerPage:
    """Read what the page of one customer says.

    Args:
        settings: Settings of the warehouse.
        customer_id: The bank's own identifier; it appears in no message.

    Raises:
        MicrosegError: The customer has no published segment, or the model that made it is gone.
    """
    explanation = explain_customer(settings, customer_id)
    with connect(settings, read_only=True) as connection:
        named = {"customer_id": customer_id}
        row = connection.execute(query("report/select_customer_key"), named).fetchone()
        if row is None or row[1] != explanation.as_of:
            raise MicrosegError("a newer date was published meanwhile: ask again")
        key, as_of = row
        context = open_context(connection, settings, as_of)
        newest = newest_booking(connection, settings, as_of, None)
        return CustomerPage(
            customer_id=customer_id,
            customer_key=key,
            as_of=as_of,
            published_at=local(context, context.released_at),
            time_zone=settings.timezone,
            currency=currency(context, newest),
            segment=explanation.segment,
            words=traits_of(explanation.segment),
            description=description(explanation.segment, [], []),
            margin=None if explanation.margin is None else float(np.degrees(explanation.margin)),
            neighbour=explanation.neighbour or "",
            explanation=explanation,
            sentences=sentences(explanation),
            steps=_steps(context, key, max(explanation.depth, 1)),
            history=_history(context, key),
            months=_months(context, key),
            model_version=context.model_version,
            reference_version=context.reference_version,
            reference=context.reference,
            stand_in=context.stand_in,
            simulated=is_simulated(context),
            cautions=[*CAUTIONS, *[STAND_IN] * context.stand_in],
        )


def _steps(context: Context, key: int, depth: int) -> list[Step]:
    """Return the customer's way through the cells, the primary window first."""
    rows = context.rows("select_customer_steps", as_of=context.as_of, customer_key=key)
    if not rows:
        return []
    model = load_version(context.connection, context.model_version)
    states = np.array([row[5:8] for row in rows], dtype=np.float64)
    angles = to_angles(states, model.frame)
    names = segment_names(dominance_order(states @ model.weights.readout), depth).tolist()

    def step(at: int) -> Step:
        window_name, number, first_day, after, active, *figures = rows[at]
        is_determined = bool(angles.determined[at])
        return Step(
            window_name=str(window_name),
            step=cast("int", number),
            first_day=cast("date", first_day),
            last_day=cast("date", after) - timedelta(days=1),
            active=bool(active),
            segment=names[at] if is_determined else UNDETERMINED,
            state=cast("State", tuple(figures[:3])),
            memberships=cast("Memberships", tuple(figures[3:])),
            azimuth=float(np.degrees(angles.azimuth[at])) if is_determined else None,
            polar=float(np.degrees(angles.polar[at])) if is_determined else None,
        )

    steps = [step(at) for at in range(len(rows))]
    return sorted(steps, key=lambda one: (one.window_name != context.window_name, one.step))


def _history(context: Context, key: int) -> list[Spell]:
    rows = cast("list[tuple[str, date, date | None]]", context.rows("select_customer_history", customer_key=key))
    return [Spell(segment, traits_of(segment), since, until) for segment, since, until in rows]


def _months(context: Context, key: int) -> Sequence[Month]:
    """Return the months that the primary window reaches over."""
    bounds = {"as_of": context.as_of, "months": MONTHS[context.window_name], "customer_key": key}
    rows = cast("list[tuple[date, int, int]]", context.rows("select_customer_months", **bounds))
    return [Month(*row) for row in rows]
