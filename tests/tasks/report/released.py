"""Released dates without a network: people drawn about a few directions who spend on four classes, in their tables."""

from datetime import date

import duckdb
import numpy as np
import pyarrow as pa

from model.angles import Frame, to_angles
from tests.tasks.science.test_disclosure import Population
from warehouse.connection import connect, in_transaction
from warehouse.settings import Settings

MODEL = "m"
FRAME = Frame(np.eye(3))
# How many in a hundred spend on each class in a step: most, some, few, hardly anybody.
OFTEN = (90, 30, 6, 1)
BY_DATE = """
INSERT INTO segments.by_date BY NAME
SELECT $as_of AS as_of, 'annual' AS window_name, 'm' AS model_version, * FROM people
"""
SUMMARY = """
INSERT INTO segments.summary BY NAME
SELECT
    as_of, segment, any_value(depth) AS depth, count(*) AS customers, count(*) / sum(count(*)) OVER () AS part,
    avg(margin) AS mean_margin, 0.5 AS output_o, 0.4 AS output_c, 0.3 AS output_e, 0.2 AS output_a, 0.1 AS output_n,
    'm' AS model_version
FROM segments.by_date
WHERE as_of = $as_of
GROUP BY ALL
"""
INPUTS = """
INSERT INTO features.inputs BY NAME
SELECT $as_of AS as_of, 'annual' AS window_name, customer_key, 6 AS active_steps, 'm' AS model_version, 1 AS first_step
FROM people
"""


def write_model(settings: Settings) -> None:
    """Enter a model whose weights nobody can read."""
    with connect(settings) as connection:
        connection.execute(
            "INSERT INTO models.versions BY NAME SELECT 'm' AS model_version, 'annual' AS window_name, "
            "50 AS customers, DATE '2020-01-01' AS as_of, now() AS created_at, 'tiny' AS reference"
        )


def write_date(settings: Settings, as_of: date, population: Population, seed: int = 0) -> None:
    """Release a date of a population as it is now, with periods and features; `Population.night` moves it on."""
    people = population.night(settings)

    def write(connection: duckdb.DuckDBPyConnection) -> None:
        connection.register("people", people)
        connection.execute(BY_DATE, {"as_of": as_of})
        connection.execute(SUMMARY, {"as_of": as_of})
        connection.execute(INPUTS, {"as_of": as_of})
        connection.execute(
            "INSERT INTO segments.releases BY NAME SELECT $1 AS as_of, 'm' AS model_version, now() AS released_at",
            [as_of],
        )
        _write_spending(connection, as_of, people["customer_key"].to_numpy(), seed)
        _write_states(connection, as_of, people["customer_key"].to_numpy(), population.states)
        connection.unregister("people")

    with connect(settings) as connection:
        in_transaction(connection, lambda: write(connection))


def _write_spending(connection: duckdb.DuckDBPyConnection, as_of: date, keys: np.ndarray, seed: int) -> None:
    """Write six periods, which are the steps of both windows."""
    random = np.random.default_rng(seed)
    first = as_of.toordinal() * 10
    for step in range(1, 7):
        drawn = random.random((len(keys), len(OFTEN))) * 100 < np.array(OFTEN)
        rows, classes = np.nonzero(drawn)
        amounts = random.integers(1, 50, len(rows))
        totals = np.bincount(rows, amounts, minlength=len(keys))[rows]
        columns = {"customer_key": keys[rows], "class_id": classes, "amount": amounts, "total": totals}
        connection.register("spent", pa.table(columns))
        connection.execute(f"INSERT INTO spend.periods BY NAME SELECT {first + step} AS period_id, * FROM spent")
        connection.unregister("spent")
    connection.execute(
        "INSERT INTO spend.steps BY NAME SELECT $1 AS as_of, unnest(['annual', 'bimonthly']) AS window_name, step, "
        f"$1 AS period_start, $1 AS period_end, {first} + step AS period_id FROM range(1, 7) AS steps (step)",
        [as_of],
    )


def _write_states(connection: duckdb.DuckDBPyConnection, as_of: date, keys: np.ndarray, states: np.ndarray) -> None:
    """Write the same state after each step, and the angles of the newest."""
    own, number = states[keys], as_of.toordinal()
    angles = to_angles(own, FRAME)
    columns = {"customer_key": keys, "h1": own[:, 0], "h2": own[:, 1], "h3": own[:, 2]}
    connection.register("traced", pa.table(columns))
    connection.execute(f"INSERT INTO traces.states BY NAME SELECT {number} AS states_id, * FROM traced")
    connection.register("angles", pa.table({"customer_key": keys, "azimuth": angles.azimuth, "polar": angles.polar}))
    connection.execute(
        f"INSERT INTO traces.angles BY NAME SELECT {number} AS states_id, *, true AS determined FROM angles"
    )
    connection.execute(
        "INSERT INTO features.traced BY NAME SELECT $1 AS as_of, 'annual' AS window_name, step, "
        f"{number} AS states_id, 'm' AS model_version FROM range(1, 7) AS steps (step)",
        [as_of],
    )
    for name in ("traced", "angles"):
        connection.unregister(name)
