"""What the report of a release says, as plain values: one half of this room reads them, the other draws them.

No group below the minimum size is in it, and none can be had from it by subtraction: what may not be told is None.
Shares are between 0 and 1, angles in degrees, amounts in units of currency.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tasks.report.content_beside import Attractor, Covered, Drift, Kept, ModelFacts, Moves, Quality, State

Point = tuple[float, float]


@dataclass(frozen=True)
class Release:
    """What the page is about.

    Attributes:
        as_of: Business date.
        published_at: When it was released, in the configured time zone.
        time_zone: Its IANA name.
        model_version: The model that made it.
        reference_version: The version of the reference set that it was made under.
        reference: Name of the reference set.
        stand_in: The coefficients are the authored stand-in, not a bank's own.
        simulated: Whether the rows come from a simulated bank, as far as the warehouse knows.
        currency: Of all amounts; empty where rows tell none.
        window_name: The primary window.
        customers: All who are known at the date.
        segmented: Of these, in a segment of at least one trait.
        segments: How many published segments there are.
        min_size: No smaller group is shown.
        newest_booking: Newest booking date up to as_of.
        silent_days: Days from it to as_of.
        previous: The date published before.
        year_ago: The published date of the same month a year before, month end preferred.
    """

    as_of: date
    published_at: datetime
    time_zone: str
    model_version: str
    reference_version: str
    reference: str
    stand_in: bool
    simulated: bool
    currency: str
    window_name: str
    customers: int
    segmented: int
    segments: int
    min_size: int
    newest_booking: date | None
    silent_days: int | None
    previous: date | None
    year_ago: date | None


@dataclass(frozen=True)
class Lift:
    """A class on which a segment spends more or less than everybody.

    Attributes:
        label: The class.
        share: Mean of the shares that its customers spend on it.
        usual: The same of everybody.
    """

    label: str
    share: float
    usual: float


@dataclass(frozen=True)
class Sized:
    """A date and how many customers; None where it may not be told or the segment was not published."""

    as_of: date
    customers: int | None


@dataclass(frozen=True)
class Segment:
    """One published segment.

    Attributes:
        code: Order of traits such as ``E.A``, or a word such as ``insufficient_data``.
        words: Traits in words; empty for a word.
        description: One generated sentence from its traits and typical classes.
        depth: Number of traits; 0 for a word.
        customers: Its size.
        share: Of all customers.
        trend: Sizes at the published dates that are shown, oldest first, as_of the last.
        memberships: Mean network memberships O, C, E, A, N; None where nobody was traced.
        more: Classes that lift most, largest difference first, among those that enough of its customers spend on.
        less: Classes that lift least, largest difference first, among those and the ones that none of them spends on.
        margin: Mean angle to the nearest boundary; None at depth 0.
        near: Customers within `NEAR` degrees of a boundary; None where it may not be told.
        towards: Of those, to which segment, largest first, as far as it may be told.
    """

    code: str
    words: str
    description: str
    depth: int
    customers: int
    share: float
    trend: Sequence[Sized]
    memberships: tuple[float, float, float, float, float] | None
    more: Sequence[Lift]
    less: Sequence[Lift]
    margin: float | None
    near: int | None
    towards: Sequence[tuple[str, int]]


# Degrees: so close to a boundary that little spending may carry a customer across.
NEAR = 5.0


@dataclass(frozen=True)
class Branch:
    """A node of the hierarchy.

    Attributes:
        code: Order of traits.
        depth: Number of traits.
        customers: In this node and all below it.
        own: Published at this very depth.
        parent: Code of the node above; empty at depth 1.
    """

    code: str
    depth: int
    customers: int
    own: int
    parent: str


@dataclass(frozen=True)
class AngleMap:
    """Where customers lie by their two angles, and where the cells end.

    Attributes:
        azimuth_edges: Edges of the bins, degrees, -180 to 180.
        polar_edges: Edges of the bins, degrees, 0 to 180.
        counts: Customers by polar bin, then azimuth bin, rounded down to a multiple of the minimum size, so that sizes
            of segments less bins tell of no small group; None below it, or where nobody lies.
        boundaries: By depth 1 to 4: lines of (azimuth, polar), broken where the azimuth jumps.
        labels: By depth 1 to 2: order of traits and a point inside of its cell.
    """

    azimuth_edges: Sequence[float]
    polar_edges: Sequence[float]
    counts: Sequence[Sequence[int | None]]
    boundaries: Sequence[Sequence[Sequence[Point]]]
    labels: Sequence[Sequence[tuple[str, Point]]]


@dataclass(frozen=True)
class Path:
    """Mean hidden states of a segment's customers after each of the six steps, oldest first."""

    code: str
    customers: int
    states: Sequence[State]


@dataclass(frozen=True)
class Report:
    """All that the page of a release says."""

    release: Release
    segments: Sequence[Segment]
    branches: Sequence[Branch]
    angles: AngleMap | None
    paths: Sequence[Path]
    moves: Sequence[Moves]
    kept: Sequence[Kept]
    drift: Sequence[Drift]
    quality: Quality
    coverage: Sequence[Covered]
    attractors: Sequence[Attractor]
    model: ModelFacts
