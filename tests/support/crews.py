"""Crews of the tests: units done here, in an order of chance, and some of them twice."""

import os
import pickle
import signal
from collections.abc import Sequence
from pathlib import Path
from random import Random
from time import sleep

import duckdb

from tasks.units.progress import Progress
from tasks.units.unit import Crew, Facts, Unit, perform
from warehouse.settings import Settings


def shuffled_crew(settings: Settings, seed: int) -> Crew:
    """Return a crew as a cluster is at its worst: any order, some units twice, and nothing shared with who asks."""
    chance = Random(seed)  # noqa: S311 - an order, not a secret

    def crew(units: Sequence[Unit], progress: Progress) -> dict[Unit, Facts]:
        twice = chance.sample(units, k=len(units) // 3)
        order = chance.sample([*units, *twice], k=len(units) + len(twice))
        answers: dict[Unit, Facts] = {}
        for unit in order:
            answers[unit] = perform(pickle.loads(pickle.dumps(unit)), settings)  # noqa: S301 - our own
            progress(len(answers), len(units))
        return answers

    return crew


def count_rows(connection: duckdb.DuckDBPyConnection, number: int) -> int:
    """The work of a unit that needs no table."""
    (rows,) = connection.execute("SELECT count(*) FROM range($1)", [number]).fetchone() or (0,)
    return int(rows)


def die(connection: duckdb.DuckDBPyConnection, mark: str, times: int) -> str:
    """The work of a unit that kills its process some times before it is done; each time leaves a byte in a file."""
    with Path(mark).open("ab") as deaths:
        deaths.write(b".")
    if Path(mark).stat().st_size <= times:
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


def quote_a_customer(connection: duckdb.DuckDBPyConnection) -> None:
    """The work of a unit whose error quotes what nobody may read."""
    raise ValueError("customer anna spent 12.50")


def linger(connection: duckdb.DuckDBPyConnection, mark: str, seconds: float) -> None:
    """The work of a unit that says that it has begun, and takes its time."""
    Path(mark).touch()
    sleep(seconds)
