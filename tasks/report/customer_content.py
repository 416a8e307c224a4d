"""What the page of one customer says, as plain values; personal data, for the officer who asked.

Shares are between 0 and 1, angles in degrees, amounts in units of currency.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from tasks.publishing.explain import Explanation
from tasks.report.content_beside import State


@dataclass(frozen=True)
class Step:
    """Where the customer stood after a step.

    Attributes:
        window_name: ``annual`` or ``bimonthly``.
        step: 1 is the oldest, 6 the newest.
        first_day: Of its period.
        last_day: Of its period, inclusive.
        active: Whether the customer spent in it; a step without repeats the state before.
        segment: Cell that the state lies in, as deep as the published segment is, at least 1; or ``undetermined``.
        state: Hidden state.
        memberships: The network's memberships O, C, E, A, N.
        azimuth: Of the state; None where undetermined.
        polar: Of the state; None where undetermined.
    """

    window_name: str
    step: int
    first_day: date
    last_day: date
    active: bool
    segment: str
    state: State
    memberships: tuple[float, float, float, float, float]
    azimuth: float | None
    polar: float | None


@dataclass(frozen=True)
class Spell:
    """A time in one segment; `until` is the date of the next one, None for the present."""

    segment: str
    words: str
    since: date
    until: date | None


@dataclass(frozen=True)
class Month:
    """A month of the primary window.

    Attributes:
        month: Its first day.
        rows: The customer's rows that count as spending.
        loads: Loads in force that brought rows of the month, of whomever.
    """

    month: date
    rows: int
    loads: int


@dataclass(frozen=True)
class CustomerPage:
    """All that the page of one customer says.

    Attributes:
        customer_id: The bank's own identifier; left out where the page is printed or logged.
        customer_key: The customer's key in the warehouse.
        as_of: Business date of the published segment.
        published_at: When it was released, in the configured time zone.
        time_zone: Its IANA name.
        currency: Of all amounts; empty where rows tell none.
        segment: As published.
        words: Its traits in words; empty for one without traits.
        description: One sentence about the segment.
        margin: Angle to the nearest boundary; None for a segment without traits.
        neighbour: The segment behind it; empty where it may not be named.
        explanation: Reasons with the spending behind them, and the nearest way into another segment.
        sentences: The same in words.
        steps: Both windows, the primary one first, oldest step first; empty where the customer never spent.
        history: Oldest first.
        months: Of the primary window, oldest first.
        model_version: The model that made it.
        reference_version: The version of the reference set that it was made under.
        reference: Name of the set.
        stand_in: The coefficients are the authored stand-in, not a bank's own.
        simulated: The rows come from a simulated bank, as far as the warehouse knows.
        cautions: What the score is not.
    """

    customer_id: str = field(repr=False)
    customer_key: int
    as_of: date
    published_at: datetime
    time_zone: str
    currency: str
    segment: str
    words: str
    description: str
    margin: float | None
    neighbour: str
    explanation: Explanation
    sentences: Sequence[str]
    steps: Sequence[Step]
    history: Sequence[Spell]
    months: Sequence[Month]
    model_version: str
    reference_version: str
    reference: str
    stand_in: bool
    simulated: bool
    cautions: Sequence[str]
