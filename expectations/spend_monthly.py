"""What must hold of spend.monthly: above all that no money appears or vanishes on the way from raw rows."""

from collections.abc import Collection
from datetime import date

from expectations.months import outside, within
from expectations.suite import Suite, between, no_rows, not_null, rows_where, unique

NAME = "spend_monthly"


def suite(months: Collection[date] | None, summed: Collection[date] = ()) -> Suite:
    """Expectations of the monthly sums.

    Args:
        months: Any days of the months to look at; None for all of them.
        summed: The months that were summed: no other is looked for in their files.
    """
    return Suite(
        name=NAME,
        table="spend.monthly",
        batch=f"SELECT * FROM spend.monthly WHERE {within('month', months)}",
        expectations=(
            *not_null("customer_key", "month", "amount", "transactions"),
            unique("customer_key", "month", "class_id"),
            between("transactions", 1, None),
            rows_where(
                "first_of_month", "spend_monthly_first_of_month", "Each month is its first day.", column="month"
            ),
            no_rows("customer_known", "batch_customer_known", "Each customer_key is in raw.customers."),
            no_rows("class_known", "batch_class_known", "Each class_id is in ref.classes."),
            no_rows(
                "conserves_months",
                "spend_monthly_conserves_months",
                "By month and class, amounts and counts equal those of the accepted rows, to the cent.",
                booked=within("booked_on", months),
            ),
            no_rows(
                "months_known",
                "spend_monthly_months_known",
                "No row and no sum lies in a month that is neither summed nor waiting for it.",
                booked=outside("booked_on", summed),
                summed=outside("month", summed),
            ),
        ),
    )
