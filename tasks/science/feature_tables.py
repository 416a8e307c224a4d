"""The border from arrays to tables: Arrow tables in the columns of traces.*, and their insertion."""

from collections.abc import Callable, Mapping, Sequence

import duckdb
import numpy as np
import pyarrow as pa

from model.reasons import top_reasons
from model.vocabulary import LETTERS, STEPS
from tasks.operation.held_traces import SCORES_ID, STATES_ID
from tasks.science.trace import Features
from warehouse.queries import query

REASONS_KEPT = 10
_LETTER = np.array(list(LETTERS))


def insert_traces(
    connection: duckdb.DuckDBPyConnection, blocks: Sequence[Features], missing: Mapping[str, Mapping[int, int]]
) -> None:
    """Insert what no date has yet of some blocks of customers, inside a transaction; one file a table and step.

    Args:
        connection: Inside a transaction.
        blocks: Features of a window.
        missing: Steps to insert, by column and id.
    """
    for column, steps in missing.items():
        for held_id, step in steps.items():
            for name, make in TABLES[column].items():
                _insert(connection, name, column, held_id, [make(block, step) for block in blocks])
            if column == STATES_ID and step == STEPS:
                for name, make_newest in NEWEST.items():
                    _insert(connection, name, column, held_id, [make_newest(block) for block in blocks])


def _insert(
    connection: duckdb.DuckDBPyConnection, table: str, column: str, held_id: int, parts: Sequence[pa.Table]
) -> None:
    connection.register("arriving", pa.concat_tables(parts))
    connection.execute(query("features/insert_held").format(table=table, column=column), {"id": held_id})
    connection.unregister("arriving")


def scores_table(features: Features, step: int) -> pa.Table:
    """One row a customer with spend in a step, counted from 1."""
    here = features.mask[:, step - 1]
    columns: dict[str, object] = {"customer_key": features.keys[here]}
    for name, values in (("score", features.scores), ("membership", features.memberships)):
        columns |= {f"{name}_{letter.lower()}": values[here, step - 1, k] for k, letter in enumerate(LETTERS)}
    columns |= {
        "dominant": _LETTER[features.dominant[here, step - 1]],
        "total": features.totals[here, step - 1],
        "coverage": features.coverage[here, step - 1],
    }
    return pa.table(columns)


def states_table(features: Features, step: int) -> pa.Table:
    """One row a customer with spend by the end of a step, counted from 1; a masked step repeats the state before it."""
    known = features.mask[:, :step].any(axis=1)
    states, said = features.states[known, step - 1], features.outputs[known, step - 1]
    columns: dict[str, object] = {"customer_key": features.keys[known]}
    columns |= {f"h{unit + 1}": states[:, unit] for unit in range(states.shape[1])}
    columns |= {f"output_{letter.lower()}": said[:, k] for k, letter in enumerate(LETTERS)}
    return pa.table(columns)


def angles_table(features: Features) -> pa.Table:
    """One row a customer."""
    angles = features.angles
    return pa.table(
        {
            "customer_key": features.keys,
            "azimuth": angles.azimuth,
            "polar": angles.polar,
            "radius": angles.radius,
            "determined": angles.determined,
        }
    )


def reasons_table(features: Features) -> pa.Table:
    """The classes of largest contribution, one row a customer and rank."""
    best = top_reasons(features.reasons, REASONS_KEPT)
    n, kept = best.shape
    contribution = np.take_along_axis(features.reasons.contributions, best, axis=1).ravel()
    return pa.table(
        {
            "customer_key": np.repeat(features.keys, kept),
            "rank": np.tile(np.arange(1, kept + 1, dtype=np.int8), n),
            "class_id": best.ravel().astype(np.int16),
            "contribution": contribution,
            "direction": np.where(contribution >= 0, "for", "against"),
        }
    ).filter(pa.array(contribution != 0))


def explanations_table(features: Features) -> pa.Table:
    """How the lead of the dominant trait splits, one row a customer."""
    reasons = features.reasons
    return pa.table(
        {
            "customer_key": features.keys,
            "dominant": _LETTER[reasons.dominant],
            "runner_up": _LETTER[reasons.runner_up],
            "lead": reasons.lead,
            "explained": reasons.contributions.sum(axis=1),
            "intercept": reasons.intercept,
            "residual": reasons.residual,
            "weak": reasons.weak,
        }
    )


TABLES: dict[str, dict[str, Callable[[Features, int], pa.Table]]] = {
    SCORES_ID: {"traces.scores": scores_table},
    STATES_ID: {"traces.states": states_table},
}
# Of the newest step alone.
NEWEST: dict[str, Callable[[Features], pa.Table]] = {
    "traces.angles": angles_table,
    "traces.reasons": reasons_table,
    "traces.explanations": explanations_table,
}
