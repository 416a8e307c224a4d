"""What must hold of spending under a version of the reference set that waits, before a model is released with it."""

from datetime import date

from expectations.spend_by_period import Period, periods, well_formed
from expectations.suite import Expectation, Suite, no_rows
from warehouse.queries import quoted

NAME = "candidate_periods"


def suite(as_of: date, reference_version: str) -> Suite:
    """Expectations of the steps that end at a business date, as the waiting version classes them.

    Args:
        as_of: The business date.
        reference_version: The version.
    """
    steps = periods(as_of)
    version = quoted(reference_version)
    return Suite(
        name=NAME,
        table="candidates.by_period",
        batch=f"SELECT * FROM candidates.by_period WHERE as_of = DATE '{as_of}' AND reference_version = {version}",
        expectations=(
            *well_formed(steps),
            *(_conserved(period, version) for period in steps),
        ),
    )


def _conserved(period: Period, version: str) -> Expectation:
    return no_rows(
        f"conserves_{period.window}_{period.step}",
        "candidate_periods_conserve_step",
        "Customers and amounts by class match the step's rows under the version's codes, where above zero.",
        window=quoted(period.window),
        step=str(period.step),
        start=quoted(str(period.start)),
        end=quoted(str(period.end)),
        version=version,
    )
