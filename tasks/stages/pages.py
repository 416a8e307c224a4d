"""Prefect's pages as one who watches: a bar for each stage that counts, a line in the run's log for each that ends."""

from dataclasses import dataclass
from time import monotonic
from uuid import UUID

from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.context import FlowRunContext
from prefect.logging import get_run_logger

from tasks.operation.watching import Count, StageReport, in_words, joined
from warehouse.errors import without_values

EVERY_SECONDS = 1.0  # asking the server takes time


@dataclass
class _Bar:
    artifact: UUID
    drawn: float = 0.0
    moved: float = 0.0


class Pages:
    """Draws on the pages of the flow run that a stage belongs to; outside of one it does nothing."""

    def __init__(self) -> None:
        """Begin with no bar."""
        self._bars: dict[tuple[int, str], _Bar] = {}

    def began(self, report: StageReport) -> None:
        """Draw nothing: a stage may have nothing to count."""

    def moved(self, report: StageReport, count: Count) -> None:
        """Move the bar, at most once a second; the first count makes it."""
        if FlowRunContext.get() is None:
            return
        bar = self._bars.get((id(report), count.key))
        if bar is None:
            self._bars[id(report), count.key] = _new(count)
        elif count.total and (count.done >= count.total or monotonic() - bar.moved >= EVERY_SECONDS):
            _draw(bar, 100.0 * min(1.0, count.done / count.total))

    def ended(self, report: StageReport, error: BaseException | None) -> None:
        """Fill the bars of a stage that ended well, whatever it had to do, and leave a line in the log."""
        for key in [key for key in self._bars if key[0] == id(report)]:
            bar = self._bars.pop(key)
            if error is None and bar.drawn < 100.0:  # noqa: PLR2004 - per cent
                _draw(bar, 100.0)
        if FlowRunContext.get() is None:
            return
        if error is None:
            get_run_logger().info("%s", in_words(report))
        elif isinstance(error, Exception):
            told = joined(str(without_values(error)))
            get_run_logger().error("%s failed after %.1f s: %s", report.stage, report.seconds, told)


def _new(count: Count) -> _Bar:
    artifact = create_progress_artifact(progress=0.0, key=count.key, description=count.what)
    assert isinstance(artifact, UUID)  # noqa: S101 - narrows Prefect's sync/async union
    return _Bar(artifact, moved=monotonic())


def _draw(bar: _Bar, progress: float) -> None:
    update_progress_artifact(artifact_id=bar.artifact, progress=progress)
    bar.drawn, bar.moved = progress, monotonic()
