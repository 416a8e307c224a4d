"""Steps in the life of a bank, each as its command takes it."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

import tasks.intake.replay
from flows.backfill import backfill
from flows.nightly import nightly
from flows.retrain import retrain, rollback
from tasks.intake.context import LoadContext
from tasks.intake.quarantine import write_rejects
from tasks.intake.replay import replay
from tasks.intake.withdraw import undo_withdrawal, withdraw
from tasks.operation.reference_choice import read_configured
from tasks.publishing.standing import current_date
from tests.flows import below_prefect
from tests.flows.small_bank import BAD
from warehouse.connection import connect
from warehouse.errors import MicrosegError
from warehouse.settings import Settings

TODAY = date(2026, 3, 1)


class Step(NamedTuple):
    """A step by name, with its arguments; both as JSON knows them."""

    name: str
    arguments: dict[str, Any]


def perform(step: Step, number: int) -> str:
    """Take a step, the one of this number in its sequence.

    Returns:
        What became of it: ok, or the kind of error that a command line shows.
    """
    vars(tasks.intake.replay)["datetime"] = _clock(number)
    try:
        STEPS[step.name](number=number, **step.arguments)
    except MicrosegError as error:
        return f"{type(error).__name__}: {error}"
    return "ok"


def night(as_of: str, bad: bool, lenient: bool, closed: str, **_: object) -> None:
    """A night; `bad`: beside a file of which one row in ten has no amount; `lenient`: which a raised limit lets in."""
    source = Path(os.environ["MICROSEG_SOURCE"]).parent
    if bad:
        shutil.copyfile(source.parent / BAD, source / BAD)
    else:
        (source / BAD).unlink(missing_ok=True)
    os.environ["MICROSEG_MAX_REJECT_RATE"] = "0.2" if lenient else "0.01"
    with closing(closed):
        nightly.fn(date.fromisoformat(as_of))


def past(first: str, last: str, closed: str, **_: object) -> None:
    with closing(closed):
        backfill.fn(date.fromisoformat(first), date.fromisoformat(last), dry_run=False)


def training(promote: Any, closed: str, **_: object) -> None:
    with closing(closed):
        retrain.fn(current_date(Settings()), promote)


def back(**_: object) -> None:
    rollback.fn()


def correction(corrected: bool, number: int, **_: object) -> None:
    """A replay: of rows that got an amount, or of all that wait, as they are."""
    settings = Settings()
    reference = read_configured(settings)
    file = settings.home.parent / "rejects.csv"
    if corrected:
        write_rejects(settings, reference.source, file)
        with duckdb.connect() as connection:
            rows = connection.sql(f"SELECT * REPLACE ('-1.00' AS amount) FROM read_csv('{file}', all_varchar = true)")
            rows.write_csv(f"{file}.corrected")
    context = LoadContext(settings, reference, f"step-{number}", TODAY)
    replay(context, Path(f"{file}.corrected") if corrected else None)


def removal(source: str, **_: object) -> None:
    """Withdraw the newest load of a source."""
    withdraw(Settings(), read_configured(Settings()).source, _load_of(source), "", "anna")


def undo(source: str, **_: object) -> None:
    undo_withdrawal(Settings(), _load_of(source))


STEPS: dict[str, Callable[..., None]] = {
    "night": night,
    "backfill": past,
    "retrain": training,
    "rollback": back,
    "replay": correction,
    "withdraw": removal,
    "undo": undo,
}


def _load_of(source: str) -> str:
    text = "SELECT load_id FROM raw.loads WHERE contains(source, $1) ORDER BY started_at DESC, load_id LIMIT 1"
    with connect(Settings(), read_only=True) as connection:
        row = connection.execute(text, [source]).fetchone()
    if row is None:
        raise MicrosegError(f"no load of {source}")
    return str(row[0])


@contextmanager
def closing(suite: str) -> Iterator[None]:
    """Close the gate of a suite, if any, for the length of a ``with`` block."""
    below_prefect.closed.update({suite} - {""})
    try:
        yield
    finally:
        below_prefect.closed.discard(suite)


def _clock(number: int) -> type[datetime]:
    """A replay is a load of its moment: in two homes the same step has to have the same."""

    class Clock(datetime):
        @classmethod
        def now(cls, _tz: object = None) -> "Clock":
            return cls(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=number)

    return Clock
