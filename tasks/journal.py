"""The journal of a run: seconds and rows per stage, kept in ops.runs and printed at the end."""

import json
import resource
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from time import perf_counter
from typing import NamedTuple
from uuid import uuid4

from warehouse.connection import connect, in_transaction
from warehouse.queries import query
from warehouse.settings import Settings


class Outcome(NamedTuple):
    """What a stage reports: rows written or checked, and a few words."""

    rows: int | None
    note: str = ""


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


@dataclass
class Journal:
    """A run in ops.runs; use it as a context manager so that the ending is recorded whatever happens."""

    settings: Settings
    flow: str
    as_of: date
    run_id: str = field(default_factory=lambda: uuid4().hex[:16])
    stages: list[StageReport] = field(default_factory=list)

    def __enter__(self) -> "Journal":
        """Enter the run as running."""
        line = {"run_id": self.run_id, "flow": self.flow, "as_of": self.as_of, "started_at": datetime.now(UTC)}
        self._write("ops/insert_run", line)
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Record how the run ended; an error goes on its way."""
        status = "succeeded" if error is None else "failed"
        stages = json.dumps([asdict(stage) for stage in self.stages])
        message = "" if error is None else f"{type(error).__name__}: {error}"
        line = {"run_id": self.run_id, "status": status, "stages": stages, "message": message}
        self._write("ops/update_run", line)

    @contextmanager
    def stage(self, name: str) -> Iterator[StageReport]:
        """Time one stage; the caller fills in rows and note."""
        report = StageReport(name)
        self.stages.append(report)
        started = perf_counter()
        try:
            yield report
        except BaseException as error:
            report.note = f"stopped: {type(error).__name__}"
            raise
        finally:
            report.seconds = round(perf_counter() - started, 3)
            report.peak_mib = peak_mib()

    def run(self, stage: Callable[..., Outcome], *arguments: object) -> None:
        """Run one stage and keep what it reports."""
        with self.stage(stage.__name__.replace("_", " ")) as report:
            report.rows, report.note = stage(*arguments)

    def _write(self, name: str, parameters: Mapping[str, object]) -> None:
        with connect(self.settings) as connection:
            in_transaction(
                connection, lambda: connection.execute(query(name), parameters), self.settings.commit_attempts
            )


def peak_mib() -> int:
    """Return the peak resident memory of this process in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak / 1024**2 if sys.platform == "darwin" else peak / 1024)
