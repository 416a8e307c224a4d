"""What must hold of spending under a version of the reference set that waits, before a model is released with it."""

from datetime import date

from expectations.spend_by_period import Period, periods
from expectations.suite import Expectation, Suite, between, in_set, no_rows, not_null, unique
from model.vocabulary import STEPS, WINDOW_MONTHS
from warehouse.queries import quoted

NAME = "candidate_periods"


def suite(as_of: date, reference_version: str) -> Suite:
    """Expectations of the steps that end at a business date, as the waiting version classes them.

    Args:
        as_of: The business date.
        reference_version: The version.
    """
    keys = ("window_name", "customer_key", "step", "class_id")
    steps = periods(as_of)
    bounds = ", ".join(f"('{p.window}', {p.step}, DATE '{p.start}', DATE '{p.end}')" for p in steps)
    version = quoted(reference_version)
    return Suite(
        name=NAME,
        table="candidates.by_period",
        batch=f"SELECT * FROM candidates.by_period WHERE as_of = DATE '{as_of}' AND reference_version = {version}",
        expectations=(
            *not_null(*keys, "period_start", "period_end", "amount", "share"),
            unique(*keys),
            in_set("window_name", list(WINDOW_MONTHS)),
            between("step", 1, STEPS),
            between("amount", 0, None, exclusive="low"),
            between("share", 0, 1, exclusive="low"),
            no_rows("shares_sum_to_one", "spend_by_period_shares", "A customer's shares in a step sum to 1."),
            no_rows("bounds", "spend_by_period_bounds", "Steps begin and end where as_of puts them.", bounds=bounds),
            no_rows("contiguous", "spend_by_period_contiguous", "Each step ends, exclusively, where the next begins."),
            no_rows("customer_known", "batch_customer_known", "Each customer_key is in raw.customers."),
            *(_conserved(period, version) for period in steps),
        ),
    )


def _conserved(period: Period, version: str) -> Expectation:
    return no_rows(
        f"conserves_{period.window}_{period.step}",
        "candidate_periods_conserve_step",
        "By class, customers and amounts are those of the step's rows under the version's codes, where above zero.",
        window=quoted(period.window),
        step=str(period.step),
        start=quoted(str(period.start)),
        end=quoted(str(period.end)),
        version=version,
    )
