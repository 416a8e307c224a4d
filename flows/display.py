"""What a person sees of the work as it goes on: bars in a terminal, elsewhere one plain line for each stage."""

import os
import sys
from datetime import UTC, datetime
from threading import Lock, Thread
from time import sleep
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tasks.operation.tables import printable
from tasks.operation.watching import Count, StageReport, Watcher, in_words
from warehouse.errors import MicrosegError
from warehouse.settings import Settings

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, Task, TaskID

# What is stopped sooner has done nothing yet.
QUICK_SECONDS = 2.0
_SLOW = 0.1  # a second; below, the time that is left says more
_WIDE = 100
_DRAWS_A_SECOND = 4  # the work has better use for the processor


def display() -> Watcher:
    """Return who shows the work on stderr: stdout is for results alone."""
    return Bars() if sys.stderr.isatty() else Lines()


class Lines:
    """One plain line with its time for each stage that ends."""

    def began(self, report: StageReport) -> None:
        """Write nothing."""

    def moved(self, report: StageReport, count: Count) -> None:
        """Write nothing."""

    def ended(self, report: StageReport, error: BaseException | None) -> None:
        """Write how it ended."""
        if is_worth_telling(report, error):
            sys.stderr.write(f"{_now():%Y-%m-%d %H:%M:%S} {printable(in_words(report))}\n")
            sys.stderr.flush()


class Bars:
    """A bar for each stage that is under way, and a line above for each that ended."""

    def __init__(self) -> None:
        """Begin with no bar."""
        self._drawn: dict[int, TaskID] = {}
        self._progress: Progress | None = None
        self._console: Console | None = None
        self._lock = Lock()  # dates of a backfill are rebuilt side by side

    def began(self, report: StageReport) -> None:
        """Draw a bar of unknown length."""
        with self._lock:
            if self._progress is None:
                self._console = self._console or _console()
                self._progress = _progress(self._console)
                self._progress.start()
                self._console.show_cursor(True)  # whoever is killed could not show it again
                Thread(target=self._redraw, args=(self._progress,), daemon=True).start()
            self._drawn[id(report)] = self._progress.add_task(report.stage, total=None, count=None)

    def moved(self, report: StageReport, count: Count) -> None:
        """Move the bar."""
        with self._lock:
            if self._progress is not None and (task := self._drawn.get(id(report))) is not None:
                self._progress.update(task, total=count.total or None, completed=count.done, count=count)

    def ended(self, report: StageReport, error: BaseException | None) -> None:
        """Take the bar away, and leave a line."""
        with self._lock:
            if self._progress is None:
                return
            console = self._progress.console
            self._progress.remove_task(self._drawn.pop(id(report)))
            if not self._drawn:
                self._progress.stop()
                self._progress = None
            if is_worth_telling(report, error):
                console.print(_line(report, console.width))

    def _redraw(self, progress: "Progress") -> None:
        """Draw anew until it is over; a thread of rich's own would draw while another changes the number of lines."""
        while True:
            sleep(1 / _DRAWS_A_SECOND)
            with self._lock:
                if self._progress is not progress:
                    return
                progress.refresh()


def is_worth_telling(report: StageReport, error: BaseException | None) -> bool:
    """Return whether the end of a stage is worth a line: it has something to tell, or was stopped in its midst.

    An error of ours has a line of its own at the end of the command, and what is stopped at once has done nothing.
    """
    if error is not None:
        return report.seconds >= QUICK_SECONDS and not isinstance(error, MicrosegError)
    return report.rows is not None or bool(report.note)


def _now() -> datetime:
    try:
        return datetime.now(UTC).astimezone(ZoneInfo(Settings().timezone))
    except MicrosegError:  # the command itself says what is wrong with a setting
        return datetime.now(UTC)


def _console() -> "Console":
    from rich.console import Console

    # A stderr of its own: what libraries write as they are loaded is held back on the other (model/greetings.py).
    stderr = os.fdopen(os.dup(sys.stderr.fileno()), "w", encoding=sys.stderr.encoding, errors="replace")
    return Console(file=stderr, highlight=False, emoji=False, markup=False)


def _progress(console: "Console") -> "Progress":
    from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, TextColumn
    from rich.table import Column
    from rich.text import Text

    class HowFar(ProgressColumn):
        """The count, the time left, the rate and what is in hand, as far as there is room."""

        def render(self, task: "Task") -> Text:
            return Text(how_far(task.fields["count"], task.elapsed or 0.0, task.time_remaining))

    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True)),
        BarColumn(bar_width=12 if console.width < _WIDE else 30),
        HowFar(table_column=Column(no_wrap=True, ratio=1, overflow="ellipsis")),
        console=console,
        transient=True,
        expand=True,
        redirect_stdout=False,
        redirect_stderr=False,
        auto_refresh=False,
    )


def how_far(count: Count | None, seconds: float, left: float | None) -> str:
    """Return in words how far a stage is.

    Args:
        count: Its newest; None before its first.
        seconds: Since it began.
        left: Seconds that it still takes; None while nobody knows.

    >>> how_far(Count("months", "Months summed", 3, 12, "2026-01", 60_000), 20.0, 67.0)
    '3 of 12 months summed, 1:07 left, 60,000 rows (3,000/s), 2026-01'
    >>> how_far(None, 67.0, None)
    '1:07'
    """
    if count is None or not count.total:
        return _clock(seconds)
    parts = [f"{count.done:,} of {count.total:,} {count.what[:1].lower()}{count.what[1:]}"]
    parts += [f"{_clock(left)} left"] if left is not None else [_clock(seconds)]
    if count.rows:
        parts.append(f"{count.rows:,} rows ({count.rows / max(seconds, 1.0):,.0f}/s)")
    elif (rate := count.done / max(seconds, 1.0)) >= _SLOW:
        parts.append(f"{rate:,.1f}/s")
    about = printable(count.about).rsplit("/", 1)[-1]  # of a file its name; the folder would push it off the edge
    return ", ".join(parts + [about] * bool(about))


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _line(report: StageReport, width: int) -> Any:
    """Return a stage that ended as a line whose note wraps below itself."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2))
    grid.add_column(width=20 if width < _WIDE else 30)
    grid.add_column(justify="right", width=11)
    grid.add_column(justify="right", width=8)
    grid.add_column(overflow="fold")
    rows = "" if report.rows is None else f"{report.rows:,}"
    note = Text(printable(report.note), style="red" if report.note.startswith("stopped: ") else "")
    grid.add_row(Text(report.stage), Text(rows), Text(f"{report.seconds:,.1f} s"), note)
    return grid
