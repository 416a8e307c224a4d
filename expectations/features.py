"""What the columns of the three feature tables share."""

from datetime import date

from expectations.suite import Expectation, between, in_set, not_empty, not_null, unique
from model.vocabulary import STEPS, WINDOW_MONTHS


def batch_of(table: str, as_of: date) -> str:
    """Return the SELECT of a table's rows of one business date."""
    return f"SELECT * FROM {table} WHERE as_of = DATE '{as_of}'"


def keys(by_step: bool) -> tuple[Expectation, ...]:
    """Expect a whole, unique key, of known windows and steps.

    Args:
        by_step: Whether the table has a row for each step.
    """
    columns = ("window_name", "customer_key") + (("step",) if by_step else ())
    steps = (between("step", 1, STEPS),) if by_step else ()
    return not_empty(), *not_null(*columns), unique(*columns), in_set("window_name", list(WINDOW_MONTHS)), *steps
