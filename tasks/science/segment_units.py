"""Segments by units: buckets of customers are cut by themselves, wherever; what all come to decides what is shown."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import reduce
from typing import NamedTuple

import duckdb
import numpy as np

from tasks.science.cut import Cut, Shown, Tally, cut_customers, decide, tally
from tasks.science.model_store import Model
from tasks.science.segment_table import Dated, enter_segments, segments_of
from tasks.science.traced import traced_steps
from tasks.units.buckets import customer_buckets
from tasks.units.unit import Ask, Facts, Unit
from warehouse.lone import Reading
from warehouse.queries import query
from warehouse.registered import reading, register, writing
from warehouse.scratch import Scratch, read_back
from warehouse.settings import Settings
from warehouse.stored import live_files

# Whose rows have to lie in files.
TABLES = (
    "raw.customers", "candidates.inputs", "traces.angles", "traces.states", "spend.periods", "candidates.by_date",
)  # fmt: skip
_SUMS = ("segment_sums", "segment_shares")
Readout = tuple[tuple[float, ...], ...]


class Workers(NamedTuple):
    """Who cuts segments elsewhere.

    Attributes:
        ask: Answers to units.
        scratch: Takes their sums.
    """

    ask: Ask
    scratch: Scratch


class Rules(NamedTuple):
    """By what customers are cut.

    Attributes:
        dated: Of which date, window and model.
        readout: Of the model, 3 times 5.
        min_active_steps: Steps with spend that a customer needs.
        newest: Id of the newest states.
    """

    dated: Dated
    readout: Readout
    min_active_steps: int
    newest: int


def ask_for_segments(
    connection: duckdb.DuckDBPyConnection, settings: Settings, model: Model, as_of: date, workers: Workers
) -> int:
    """Have customers cut into segments, and register what was written, inside a transaction.

    Args:
        connection: Inside a transaction; ``segment_sums`` and ``segment_shares`` are there.
        settings: `min_active_steps` and `min_segment_size`, and where the data lies.
        model: The model of the candidate.
        as_of: Business date.
        workers: Who does it.

    Returns:
        The number of customers.
    """
    steps = traced_steps(connection, model, as_of, model.window_name)
    dated = Dated(as_of, model.window_name, model.version)
    readout = tuple(map(tuple, model.weights.readout.tolist()))
    rules = Rules(dated, readout, settings.min_active_steps, steps[-1].states_id)
    files = live_files(connection)
    day = as_of, as_of + timedelta(days=1)
    reads = (
        reading(connection, settings, files, "raw.customers"),
        reading(connection, settings, files, "candidates.inputs", lambda file: file.overlaps(*day)),
        *(
            reading(connection, settings, files, table, lambda file: file.has_any([rules.newest]))
            for table in ("traces.angles", "traces.states")
        ),
    )
    buckets = customer_buckets(connection)
    counted = [workers.ask(Unit(count_bucket, (rules,), _of(reads, bucket), ())) for bucket in buckets]
    if not all(counted):
        return 0  # asked again when they are counted
    total = reduce(Tally.plus, (facts.figures for facts in counted if facts), Tally())
    shown = decide(total, settings.min_segment_size)
    periods = tuple((step.step, step.period_id) for step in steps)
    held = reading(connection, settings, files, "spend.periods", lambda file: file.has_any(dict(periods).values()))
    writes = (
        writing(connection, settings, "candidates.by_date", partition=f"as_of={as_of}/"),
        *(workers.scratch.writing(connection, table) for table in _SUMS),
    )
    answers = [
        workers.ask(Unit(segment_bucket, (rules, shown, periods, bucket[0]), _of((*reads, held), bucket), writes))
        for bucket in buckets
    ]
    _take_in(connection, settings, [facts for facts in answers if facts])
    return total.orders.total() + total.reasons.total()


def _of(reads: Sequence[Reading], bucket: tuple[int, int]) -> tuple[Reading, ...]:
    return tuple(table.of(bucket) for table in reads)


def _take_in(connection: duckdb.DuckDBPyConnection, settings: Settings, answers: Sequence[Facts]) -> None:
    files = [file for facts in answers for file in facts.files]
    register(connection, settings, [file for file in files if not file.table.startswith("scratch.")])
    for table in _SUMS:
        read_back(connection, table, files)


def count_bucket(connection: duckdb.DuckDBPyConnection, rules: Rules) -> Tally:
    """Count the customers whom a lone engine sees by all that decides what may be shown.

    Args:
        connection: Of a lone engine.
        rules: By what they are cut.
    """
    return tally(_cut(connection, rules))


def segment_bucket(
    connection: duckdb.DuckDBPyConnection, rules: Rules, shown: Shown, periods: Sequence[tuple[int, int]], bucket: int
) -> None:
    """Write the segments of the customers whom a lone engine sees, and their sums.

    Args:
        connection: Of a lone engine.
        rules: By what they are cut.
        shown: What may be shown of all customers.
        periods: Pairs of a step and its period.
        bucket: Tells these customers from others.
    """
    cut = _cut(connection, rules)
    steps, ids = zip(*periods, strict=True)
    dated = {"as_of": rules.dated.as_of, "window_name": rules.dated.window_name}
    connection.execute(query("units/create_steps"), dated | {"steps": list(steps), "periods": list(ids)})
    connection.execute(query("units/create_spending"))
    connection.execute("SET search_path = 'scratch'")
    enter_segments(connection, segments_of(cut, shown), rules.dated, bucket)


def _cut(connection: duckdb.DuckDBPyConnection, rules: Rules) -> Cut:
    newest = {"as_of": rules.dated.as_of, "window_name": rules.dated.window_name, "states_id": rules.newest}
    connection.execute(query("units/create_newest"), newest)
    connection.execute(query("units/create_newest_views"))
    customers = connection.execute(query("segments/select_states"), rules.dated._asdict()).fetchnumpy()
    return cut_customers(customers, np.array(rules.readout), rules.min_active_steps)
