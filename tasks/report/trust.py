"""Trust: what a reader should know before a release is used, and the verdict that follows from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from model.vocabulary import LETTERS, TRAITS
from tasks.report.content import Report
from tasks.report.content_beside import Drift, Gate
from tasks.report.phrases import counted, day, listed

Level = Literal["steady", "warning", "critical"]
VERDICTS: Final = {
    "steady": "Nothing measured tonight stands against using these segments.",
    "warning": "Use these segments with care: look at the points below first.",
    "critical": "Do not rely on these segments before the points below are settled.",
}
SHORT: Final = {"steady": "Good to use", "warning": "Use with care", "critical": "Look into it first"}
# What each measure of drift compares, as a reader would say it.
_MEASURES: Final = {
    "segment_sizes": "sizes of the segments",
    "class_shares": "what customers spend on",
    "coverage": "share of spending that the traits are read from",
    "unclassified": "share of rows without a class",
} | {f"membership_{letter.lower()}": f"membership in {trait}" for letter, trait in zip(LETTERS, TRAITS, strict=True)}


@dataclass(frozen=True)
class Concern:
    """A point that stands against a release, and where the page says more about it."""

    level: Level
    text: str
    place: str


def measure_name(measure: str) -> str:
    """Return what a measure of drift compares, in words; one that nobody knows is its own name.

    >>> measure_name("membership_n"), measure_name("shape_of_heads")
    ('membership in neuroticism', 'shape of heads')
    """
    return _MEASURES.get(measure, measure.replace("_", " "))


def newest_drift(drift: Sequence[Drift]) -> list[Drift]:
    """Return the measures of the newest date, the worst first."""
    newest = max((measured.as_of for measured in drift), default=None)
    order = {"critical": 0, "warning": 1}
    now = [measured for measured in drift if measured.as_of == newest]
    return sorted(now, key=lambda measured: (order.get(measured.level, 2), -abs(measured.value), measured.measure))


def drift_summary(now: Sequence[Drift]) -> str:
    """Return how many measures of a date are steady, in a sentence."""
    levels = [measured.level for measured in now]
    parts = [
        ("steady", len(levels) - levels.count("warning") - levels.count("critical")),
        ("worth a look", levels.count("warning")),
        ("so far off that a new model is due", levels.count("critical")),
    ]
    told = [f"{count} {'is' if count == 1 else 'are'} {what}" for what, count in parts if count]
    return (
        f"Each measure compares {day(now[0].as_of)} with the customers whom the model was trained on. "
        f"Of {counted(len(now), 'measure')}, {listed(told)}."
    )


def concerns(report: Report) -> list[Concern]:
    """Return all that stands against the release, the worst first."""
    points = [*_of_feeds(report), *_of_drift(report), *_of_gates(report.quality.gates)]
    return sorted(points, key=lambda concern: concern.level != "critical")


def verdict(points: Sequence[Concern]) -> Level:
    """Return the worst level of all points; steady when there is none."""
    if not points:
        return "steady"
    return "critical" if any(concern.level == "critical" for concern in points) else "warning"


def _of_feeds(report: Report) -> list[Concern]:
    if report.release.newest_booking is None:
        return [Concern("critical", "No purchase is booked up to this date.", "freshness")]
    return [
        Concern(
            "critical" if level == "critical" else "warning",
            f"Feed “{name}” has gone {counted(int(silent), 'day')} without its usual rows."
            if silent.isdecimal()
            else f"Feed “{name}” does not deliver as usual.",
            "freshness",
        )
        for name, _, silent, level in report.quality.feeds
        if level in ("warning", "critical")
    ]


def _of_drift(report: Report) -> list[Concern]:
    texts = {
        "critical": "Customers have moved far from those whom the model was trained on",
        "warning": "Customers begin to differ from those whom the model was trained on",
    }
    now = newest_drift(report.drift)
    points = []
    for level in ("critical", "warning"):
        names = [measure_name(measured.measure) for measured in now if measured.level == level]
        if names:
            points.append(
                Concern("critical" if level == "critical" else "warning", f"{texts[level]}: {listed(names)}.", "drift")
            )
    return points


def _of_gates(gates: Sequence[Gate]) -> list[Concern]:
    failed, errors = sum(gate.failed for gate in gates), sum(gate.errors for gate in gates)
    points = []
    if failed:
        suites = listed([gate.suite for gate in gates if gate.failed])
        points.append(Concern("warning", f"{counted(failed, 'quality check')} failed ({suites}).", "checks"))
    if errors:
        suites = listed([gate.suite for gate in gates if gate.errors])
        points.append(
            Concern("warning", f"{counted(errors, 'quality check')} could not be carried out ({suites}).", "checks")
        )
    return points


def checked_up_to(gates: Sequence[Gate]) -> str:
    """Return what all checks came to, in a sentence."""
    passed, failed, errors = (sum(getattr(gate, name) for gate in gates) for name in ("passed", "failed", "errors"))
    if not passed + failed + errors:
        return "No quality check has been carried out."
    newest = day(max(gate.as_of for gate in gates))
    return (
        f"{counted(passed, 'quality check')} passed, {failed:,} failed and {errors:,} could not be carried out, "
        f"the newest for {newest}."
    )
