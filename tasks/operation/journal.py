"""The journal of a run: seconds and rows per stage, kept in ops.runs and printed at the end."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from typing import NamedTuple, ParamSpec, TypeVar
from uuid import uuid4

import duckdb

from tasks.operation.liveness import (
    LostStart,
    alive,
    entered,
    forget,
    forget_starts,
    killed,
    lost_starts,
    running,
)
from tasks.operation.seal import seal_if_free
from tasks.operation.watching import StageReport, under_way
from tasks.units.unit import Crew
from warehouse.connection import connect, in_transaction
from warehouse.errors import DamageError, MicrosegError, without_values
from warehouse.queries import query
from warehouse.settings import Settings

__all__ = ["Journal", "Outcome", "StageReport"]

# How the message of a run begins that was stopped from outside; queries know it, too.
CANCELLED = "cancelled: stopped from outside before its end"
_STOPS = ("KeyboardInterrupt", "TerminationSignal")  # Ctrl-C; a cancel in the Prefect UI, or SIGTERM
_Result = TypeVar("_Result")
_P = ParamSpec("_P")


class Outcome(NamedTuple):
    """What a stage reports: rows written or checked, and a few words."""

    rows: int | None
    note: str = ""


@dataclass
class Journal:
    """A run in ops.runs; use it as a context manager so that the ending is recorded whatever happens.

    Attributes:
        settings: Settings of the warehouse.
        flow: Its name.
        as_of: Business date of the run.
        crew: Takes the checksums of what the run wrote; None: they are taken here.
        run_id: Names the run.
        stages: What has been done.
    """

    settings: Settings
    flow: str
    as_of: date
    crew: Crew | None = None
    run_id: str = field(default_factory=lambda: uuid4().hex[:16])
    stages: list[StageReport] = field(default_factory=list)
    _alive: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> "Journal":
        """Enter the run as running, and as failed those that were killed before they could tell."""
        with self._alive:
            self._alive.enter_context(alive(self.settings, self.run_id))
            lost = lost_starts(self.settings)
            dead = self._in_transaction(lambda connection: self._enter(connection, lost))
            self._alive = self._alive.pop_all()
        forget(self.settings, *dead)
        forget_starts(self.settings, lost)
        entered()
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Seal what the run wrote, record how it ended; an error goes on, an unforeseen one without its message."""
        damaged = self._seal(error)
        self._record_end(error or damaged)
        if damaged:
            raise damaged

    def _seal(self, error: BaseException | None) -> DamageError | None:
        """Return what is damaged at the end of a run that went well; whoever is stopped has other things to tell."""
        if error is not None and not isinstance(error, Exception):
            return None
        try:
            seal_if_free(self.settings, self.crew if error is None else None)  # a cluster may be what failed
        except DamageError as damaged:
            return damaged if error is None else None
        except (MicrosegError, duckdb.Error):
            # Of the files of such a run the sizes alone are known until the next one seals them.
            return None
        return None

    def _record_end(self, error: BaseException | None) -> None:
        status = "succeeded" if error is None else "failed"
        stages = json.dumps([asdict(stage) for stage in self.stages])
        message = "" if error is None else _told(error)
        line = {"run_id": self.run_id, "status": status, "stages": stages, "message": message}
        with self._alive:
            try:
                self._in_transaction(lambda connection: connection.execute(query("ops/update_run"), line))
            except (MicrosegError, duckdb.Error):
                if error is None:
                    raise
                # On a full disk the reason for the end is what counts; the next run enters this one as failed.
            else:
                forget(self.settings, self.run_id)
        if isinstance(error, Exception) and (told := without_values(error)) is not error:
            raise told from None  # Prefect keeps what ends a flow

    @contextmanager
    def stage(self, name: str) -> Iterator[StageReport]:
        """Time one stage and tell those who watch; the caller fills in rows and note."""
        with under_way(name) as report:
            self.stages.append(report)
            yield report

    def run(self, stage: Callable[_P, Outcome], /, *arguments: _P.args, **named: _P.kwargs) -> None:
        """Run one stage and keep what it reports; a wrong argument is an error of mypy's."""
        with self.stage(stage.__name__.replace("_", " ")) as report:
            report.rows, report.note = stage(*arguments, **named)

    def _enter(self, connection: duckdb.DuckDBPyConnection, lost: list[LostStart]) -> list[str]:
        for start in lost:
            told = start._asdict() | {"started_at": start.started_at.isoformat()}
            connection.execute(query("ops/insert_lost_start"), told)
        dead = killed(self.settings, running(connection))
        if dead:
            connection.execute(query("ops/update_killed_runs"), {"run_ids": dead})
        line = {"run_id": self.run_id, "flow": self.flow, "as_of": self.as_of, "started_at": datetime.now(UTC)}
        connection.execute(query("ops/insert_run"), line)
        return dead

    def _in_transaction(self, work: Callable[[duckdb.DuckDBPyConnection], _Result]) -> _Result:
        with connect(self.settings) as connection:
            return in_transaction(connection, lambda: work(connection), self.settings.commit_attempts)


def _told(error: BaseException) -> str:
    # ops.runs, status and alarms show it, and what others raise may quote a customer's id.
    if type(error).__name__ in _STOPS:
        return f"{CANCELLED} ({type(error).__name__})"
    told = without_values(error) if isinstance(error, Exception) else error
    return f"{type(told).__name__}: {told}"
