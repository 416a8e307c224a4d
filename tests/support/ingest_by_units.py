"""A plugin of pytest: every ingest of the builders goes by units, so that all tests of ingest are tests of those.

python -m pytest -p tests.support.ingest_by_units tests/tasks/intake
"""

import pytest


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    """Let the builders have a crew."""
    from tasks.intake.ingest import Ingested, ingest_sources
    from tests.support.crews import shuffled_crew
    from tests.tasks.builders import Bank

    def by_units(self: Bank, *patterns: object, sql: str = "") -> Ingested:
        crew = shuffled_crew(self.settings, 1)
        return ingest_sources(self.context(sql), [str(pattern) for pattern in patterns], crew=crew)

    Bank.ingest = by_units  # type: ignore[method-assign]
