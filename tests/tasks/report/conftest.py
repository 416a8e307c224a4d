"""A small bank of the science with two released dates and, copied from them, one a year before; nobody writes to it."""

import shutil
from datetime import date

import pytest

from tests.support.release import build_and_release
from tests.tasks.science.conftest import AS_OF, EARLIER, Bank, bank_home
from warehouse.connection import connect

__all__ = ["bank_home"]
YEAR_AGO = date(2024, 12, 31)


@pytest.fixture(scope="session")
def reported(bank_home: Bank, tmp_path_factory: pytest.TempPathFactory) -> Bank:
    """Released: a date, the month end before, and the segments of that one a year before."""
    home = tmp_path_factory.mktemp("reported") / "home"
    shutil.copytree(bank_home.settings.home, home)
    settings = bank_home.settings.model_copy(update={"home": home, "timezone": "Europe/Zurich"})
    with connect(settings) as connection:
        build_and_release(connection, settings, bank_home.model, EARLIER)
        for table in ("by_date", "summary", "releases"):
            connection.execute(
                f"INSERT INTO segments.{table} SELECT * REPLACE ($1::DATE AS as_of) FROM segments.{table} "
                "WHERE as_of = $2",
                [YEAR_AGO, EARLIER],
            )
        connection.execute(
            "INSERT INTO ops.drift SELECT run_id, $1 AS as_of, 'm', measure, value, level, now() - to_days(ago) "
            "FROM (VALUES ('new', 'coverage', 0.1, 'warning', 0), ('old', 'coverage', 0.2, 'critical', 1)) "
            "AS drift (run_id, measure, value, level, ago)",
            [AS_OF],
        )
        connection.execute(
            "INSERT INTO ops.validations BY NAME SELECT run_id, $1 AS as_of, 'segments' AS suite, 'candidates.by_date' "
            "AS table_name, outcome, now() - to_days(ago) AS checked_at FROM (VALUES ('new', 'passed', 0), "
            "('new', 'failed', 0), ('new', 'error', 0), ('old', 'failed', 1)) AS verdicts (run_id, outcome, ago)",
            [AS_OF],
        )
        connection.execute(
            "INSERT INTO ops.freshness BY NAME SELECT run_id, $1 AS as_of, feed, silent_days, 'warning' AS level, "
            "now() - to_days(ago) AS checked_at FROM (VALUES ('new', '<b>feed</b>', 3, 0), ('old', 'gone', 9, 1)) "
            "AS feeds (run_id, feed, silent_days, ago)",
            [AS_OF],
        )
    return Bank(settings, bank_home.reference, bank_home.model, bank_home.data)
