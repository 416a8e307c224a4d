"""A small warehouse in which every expectation holds, and a way to spoil it and repair it again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial

import duckdb

from expectations import (
    features_angles,
    features_personality,
    features_trajectories,
    freshness,
    raw_transactions,
    segments,
    spend_by_period,
    spend_monthly,
)
from expectations.suite import Suite
from tasks.spending.aggregate import refresh_monthly
from tasks.spending.periods import refresh_by_period
from warehouse.connection import connect, in_transaction
from warehouse.settings import Settings

AS_OF = date(2024, 5, 17)
FIRST = date(2018, 1, 1)

# Six years of seven customers; customer 7 gives back more than it buys in class 4, and every 40th code is unknown.
BASE = f"""
INSERT INTO ref.classes SELECT i, 'c' || i, 'class ' || i, 'all' FROM range(1, 5) AS r (i);
INSERT INTO raw.customers SELECT i, 'customer ' || i, DATE '{FIRST}', false FROM range(1, 8) AS r (i);
INSERT INTO raw.transactions
SELECT
    'id' || i, 1 + i % 7, day, CASE WHEN kind IN ('refund', 'income') THEN -cents ELSE cents END / 100, 'EUR', 'code',
    kind, CASE WHEN kind IN ('spend', 'refund', 'fee') THEN class_id END, 'load', i
FROM (
    SELECT
        i,
        DATE '{FIRST}' + (i % 2320)::INTEGER AS day,
        1 + i // 7 % 4 AS class_id,
        100 + i * 7919 % 9000 AS cents,
        CASE
            WHEN i % 40 = 0 THEN 'unclassified'
            WHEN i % 41 = 0 THEN 'income'
            WHEN i % 43 = 0 THEN 'fee'
            WHEN i % 7 = 6 AND class_id = 4 OR i % 13 = 0 THEN 'refund'
            ELSE 'spend'
        END AS kind
    FROM range(1, 5000) AS r (i)
);
INSERT INTO raw.loads BY NAME SELECT
    'load' AS load_id, 'file' AS source, 'sha' AS fingerprint,
    5002 AS rows_read, 4999 AS rows_accepted, 2 AS rows_rejected, 1 AS rows_duplicate, 124 AS rows_unclassified,
    (SELECT list(DISTINCT date_trunc('month', booked_on)::DATE) FROM raw.transactions) AS months_touched,
    'published' AS status, 'run' AS run_id, now() AS started_at, now() AS finished_at;
INSERT INTO ops.freshness
SELECT 'run', DATE '{AS_OF}', 'feed ' || i, DATE '{AS_OF}' - 1, 1, 'fresh', 0, '', now() FROM range(1, 8) AS r (i);
"""
# The outermost values that a model can give are good ones: directions in single precision, states of one.
FEATURES = f"""
INSERT INTO candidates.personality BY NAME SELECT
    DATE '{AS_OF}' AS as_of, window_name, i AS customer_key, step,
    -1 AS score_o, 1 AS score_c, 0 AS score_e, 0.1 AS score_a, -0.1 AS score_n,
    0.2 AS membership_o, 0.8 AS membership_c, 0.5 AS membership_e, 0.6 AS membership_a, 0.4 AS membership_n,
    'C' AS dominant, 123.4 AS total, step % 2 AS coverage, 'v1' AS model_version
FROM range(1, 41) AS r (i), range(1, 7) AS s (step), (VALUES ('annual'), ('bimonthly')) AS w (window_name);
INSERT INTO candidates.trajectories BY NAME
SELECT as_of, window_name, customer_key, step, 1 AS h1, -1 AS h2, 0.5 AS h3, model_version
FROM candidates.personality;
INSERT INTO candidates.angles BY NAME
SELECT
    as_of, window_name, customer_key, true AS determined, model_version,
    (CASE customer_key % 2 WHEN 0 THEN 1 ELSE -1 END * pi())::FLOAT AS azimuth,
    (customer_key % 2 * pi())::FLOAT AS polar, (customer_key % 2 * sqrt(3))::FLOAT AS radius
FROM candidates.personality WHERE step = 6;
INSERT INTO candidates.by_date BY NAME
SELECT
    customer_key, 'C.A.E' AS segment, 3 AS depth, 'C' AS segment_1, 'C.A' AS segment_2, 'C.A.E' AS segment_3,
    0.1 AS margin, window_name, as_of, model_version
FROM candidates.angles WHERE window_name = 'annual';
"""


# In place of a view, so that single rows of it can be spoilt.
TABLE = """
CREATE TABLE {schema}.written AS FROM {schema}.{view};
DROP VIEW {schema}.{view};
ALTER TABLE {schema}.written RENAME TO {view};
"""


def suites(as_of: date = AS_OF) -> dict[str, Suite]:
    """Every suite, over all months."""
    made = [
        raw_transactions.suite(None, FIRST, as_of, 1e6),
        spend_monthly.suite(None),
        spend_by_period.suite(as_of),
        features_personality.suite(as_of),
        features_trajectories.suite(as_of),
        features_angles.suite(as_of),
        segments.suite(as_of),
        freshness.suite(as_of, "run", 3),
    ]
    return {suite.name: suite for suite in made}


@dataclass(frozen=True)
class Lake:
    """A warehouse and the version at which nothing is spoilt."""

    settings: Settings
    version: int

    @contextmanager
    def spoilt(self, table: str, *statements: str) -> Iterator[None]:
        """Replace a table by a spoilt copy, and put it back afterwards.

        Args:
            table: The table.
            *statements: Run on its copy `t`, whose column `n` numbers the rows from 1.
        """
        with connect(self.settings) as connection:
            number = "row_number() OVER (ORDER BY held::VARCHAR) AS n"
            connection.execute(f"CREATE TEMP TABLE t AS SELECT {number}, held.* FROM {table} AS held")
            connection.execute(";".join(statements))
            self._replace(connection, table, "SELECT * EXCLUDE n FROM t")
        try:
            yield
        finally:
            with connect(self.settings) as connection:
                self._replace(connection, table, f"SELECT * FROM {table} AT (VERSION => {self.version})")

    @staticmethod
    def _replace(connection: duckdb.DuckDBPyConnection, table: str, rows: str) -> None:
        in_transaction(connection, lambda: connection.execute(f"DELETE FROM {table}; INSERT INTO {table} {rows}"))


def build(settings: Settings) -> Lake:
    """Fill an empty warehouse, its sums by the aggregate's own queries."""
    with connect(settings) as connection:
        in_transaction(connection, lambda: connection.execute(BASE))
        for view in ("personality", "trajectories", "angles"):
            in_transaction(connection, partial(connection.execute, TABLE.format(schema="candidates", view=view)))
        in_transaction(connection, lambda: connection.execute(FEATURES))
    refresh_monthly(settings)
    refresh_by_period(settings, AS_OF, "run")
    with connect(settings) as connection:
        in_transaction(connection, lambda: connection.execute(TABLE.format(schema="spend", view="by_period")))
        row = connection.execute("SELECT max(snapshot_id) FROM ducklake_snapshots('lake')").fetchone()
    assert row
    return Lake(settings, row[0])
