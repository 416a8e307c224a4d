"""Who watches the work: told when a stage begins, how far it is, and how it ends; a terminal, pages, a log."""

import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from time import perf_counter
from typing import NamedTuple, Protocol

from tasks.units.progress import Progress


@dataclass
class StageReport:
    """One line of the table at the end of a run.

    Attributes:
        stage: Name of the stage.
        seconds: Wall-clock time.
        rows: Rows written or checked; None where rows say nothing.
        note: A few words on the outcome.
        peak_mib: Peak memory of the process so far, MiB.
    """

    stage: str
    seconds: float = 0.0
    rows: int | None = None
    note: str = ""
    peak_mib: int = 0


@dataclass(frozen=True)
class Count:
    """How far a stage is.

    Attributes:
        key: Names what is counted, in letters and dashes.
        what: The same in words: "Months summed".
        done: How much is done.
        total: How much there is; 0 while nobody knows.
        about: What is in hand: a source, a month.
        rows: Rows so far; 0 where the stage has none.
    """

    key: str
    what: str
    done: int = 0
    total: int = 0
    about: str = ""
    rows: int = 0


class Watcher(Protocol):
    """Is told of every stage; several may be under way, each has a report of its own."""

    def began(self, report: StageReport) -> None:
        """Take that a stage begins; its name alone is known."""

    def moved(self, report: StageReport, count: Count) -> None:
        """Take how far a stage is; the first of its counts has no total."""

    def ended(self, report: StageReport, error: BaseException | None) -> None:
        """Take that a stage is over; with an error, it was stopped."""


class _Stage(NamedTuple):
    report: StageReport
    is_whole: bool


_watchers: list[Watcher] = []
_current: ContextVar[_Stage | None] = ContextVar("stage", default=None)


def watch(watcher: Watcher) -> None:
    """Tell a watcher of every stage of this process from now on."""
    _watchers.append(watcher)


@contextmanager
def watched_by(watcher: Watcher) -> Iterator[None]:
    """Tell a watcher of every stage for the length of a ``with`` block."""
    watch(watcher)
    try:
        yield
    finally:
        _watchers.remove(watcher)


@contextmanager
def under_way(name: str, is_whole: bool = True) -> Iterator[StageReport]:
    """Time one stage and tell those who watch; the caller fills in rows and note.

    Args:
        name: Of the stage.
        is_whole: Whether what begins inside of it is a part of it, told of by nobody. The rebuilding of many dates is
            not whole: each date has stages of its own.

    Yields:
        The report, that of the stage around it where this is a part of one.
    """
    outer = _current.get()
    if outer and outer.is_whole:
        yield outer.report
        return
    report = StageReport(name)
    token = _current.set(_Stage(report, is_whole))
    started = perf_counter()
    _tell(lambda watcher: watcher.began(report))
    error: BaseException | None = None
    try:
        yield report
    except BaseException as stopped:
        error = stopped
        report.note = f"stopped: {type(error).__name__}"
        raise
    finally:
        _current.reset(token)
        report.seconds = round(perf_counter() - started, 3)
        report.peak_mib = peak_mib()
        _tell(lambda watcher: watcher.ended(report, error))


def counting(key: str, what: str) -> Progress:
    """Return a progress callback of the stage that is under way here; the bars of one that ends well end full.

    Args:
        key: Names what is counted, in letters and dashes.
        what: The same in words: "Months summed".
    """
    stage = _current.get()
    report = stage.report if stage else StageReport(key)

    def progress(done: int, total: int, about: str = "", rows: int = 0, /) -> None:
        count = Count(key, what, done, total, about, rows)
        _tell(lambda watcher: watcher.moved(report, count))

    progress(0, 0)
    return progress


def _tell(what: Callable[[Watcher], None]) -> None:
    for watcher in tuple(_watchers):
        with suppress(Exception):  # a terminal that is gone, or a page that cannot be drawn, stops no work
            what(watcher)


def peak_mib() -> int:
    """Return the peak resident memory of this process in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak / 1024**2 if sys.platform == "darwin" else peak / 1024)


def joined(text: str) -> str:
    r"""Return a text of several lines as one.

    >>> joined("a gate is closed:\n  7 rows of spend.monthly\n")
    'a gate is closed: 7 rows of spend.monthly'
    """
    return " ".join(line.strip() for line in text.splitlines())


def in_words(report: StageReport) -> str:
    """Return in one line how a stage ended.

    >>> in_words(StageReport("ingest", 3.21, 1_234, "5 rejected"))
    'ingest: 1,234 rows, 3.2 s, 5 rejected'
    """
    rows = [] if report.rows is None else [f"{report.rows:,} {'row' if report.rows == 1 else 'rows'}"]
    return f"{report.stage}: " + ", ".join([*rows, f"{report.seconds:,.1f} s", *([report.note] * bool(report.note))])
