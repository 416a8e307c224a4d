"""Beside the segments: who moved and how steadily, what came in, what the model is; plain values, as in `content`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

State = tuple[float, float, float]


@dataclass(frozen=True)
class Moves:
    """Who moved between two dates.

    Attributes:
        earlier: The earlier date.
        later: The later date, as_of.
        rows: From, to and customers, as far as they may be told; `new` and `gone` stand for arrivals and leavers,
            `other` for sums of what is kept back. Those who stayed are among them (from equals to).
    """

    earlier: date
    later: date
    rows: Sequence[tuple[str, str, int]]


@dataclass(frozen=True)
class Kept:
    """Of the customers segmented at both dates, how many kept the first trait.

    Attributes:
        as_of: The later of two neighbouring dates among those that are shown.
        previous: The earlier.
        share: To within as many customers as the minimum size; None where it may not be told.
        customers: Segmented at the later date.
    """

    as_of: date
    previous: date
    share: float | None
    customers: int


@dataclass(frozen=True)
class Drift:
    """One measure of drift against the champion's training data: value and level (steady, warning, critical)."""

    as_of: date
    measure: str
    value: float
    level: str


@dataclass(frozen=True)
class Gate:
    """The last verdict of a suite: expectations that passed, failed and could not be evaluated."""

    suite: str
    table: str
    passed: int
    failed: int
    errors: int
    as_of: date


@dataclass(frozen=True)
class Quality:
    """What came in and what was refused.

    Attributes:
        rows: Accepted rows.
        loads: Published loads.
        rejected: Reason, column, rows that wait in quarantine.
        feeds: Feed, newest booking date, silent days, level.
        gates: Of every suite.
    """

    rows: int
    loads: int
    rejected: Sequence[tuple[str, str, int]]
    feeds: Sequence[tuple[str, str, str, str]]
    gates: Sequence[Gate]


@dataclass(frozen=True)
class Covered:
    """A class in the twelve months to as_of.

    Attributes:
        label: The class.
        customers: Who spend on it; None where it may not be told.
        amount: Their spending; None where it may not be told.
        share: Of all spending; None where it may not be told.
        weighted: Whether it carries a coefficient.
    """

    label: str
    customers: int | None
    amount: float | None
    share: float | None
    weighted: bool


@dataclass(frozen=True)
class Attractor:
    """A fixed point of the network under one input: where customers who went on like that would end."""

    input: str
    state: State
    stable: bool
    segment: str


@dataclass(frozen=True)
class ModelFacts:
    """What the model card says of this model.

    Attributes:
        version: As in models.versions.
        trained_as_of: Business date of its training data.
        created_at: When.
        customers: Trained on.
        reason: Why it became champion.
        parameters: Name and value, in words.
        metrics: Name and figure on test customers.
    """

    version: str
    trained_as_of: date
    created_at: datetime
    customers: int
    reason: str
    parameters: Sequence[tuple[str, str]]
    metrics: Sequence[tuple[str, float]]
