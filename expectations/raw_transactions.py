"""What must hold of raw.transactions in the months that changed, and of the ledger behind it."""

from collections.abc import Collection
from datetime import date

from expectations.months import within
from expectations.suite import Suite, between, in_set, no_rows, not_null, rarely_in_set, rows_where, unique

NAME = "raw_transactions"
KINDS = ("spend", "refund", "fee", "income", "transfer", "other", "unclassified")
# Above this share of unknown codes the map of codes no longer speaks for the bank's customers.
MAX_UNCLASSIFIED = 0.05


def suite(
    months: Collection[date] | None,
    earliest: date,
    latest: date,
    maximum: float,
    max_unclassified: float = MAX_UNCLASSIFIED,
) -> Suite:
    """Expectations of accepted rows.

    Args:
        months: Any days of the months to look at; None for all of them.
        earliest: First booking date of the contract.
        latest: Last possible booking date: the day the newest source was received.
        maximum: Largest absolute amount of the contract, units of currency.
        max_unclassified: Share of rows with an unknown code above which the reader is warned.
    """
    return Suite(
        name=NAME,
        table="raw.transactions",
        batch=f"SELECT * FROM raw.transactions WHERE {within('booked_on', months)}",
        expectations=(
            *not_null("transaction_id", "customer_key", "booked_on", "amount", "currency", "kind", "load_id"),
            unique("transaction_id"),
            in_set("kind", KINDS),
            between("amount", -maximum, maximum),
            between("booked_on", earliest, latest),
            rows_where("not_zero", "raw_transactions_not_zero", "No amount is zero.", column="amount"),
            no_rows("customer_known", "batch_customer_known", "Each customer_key is in raw.customers."),
            no_rows("class_known", "batch_class_known", "Each class_id is in ref.classes."),
            rows_where(
                "classified",
                "raw_transactions_classified",
                "Spending has a class; unknown codes have none.",
                "warning",
            ),
            rarely_in_set("kind", ["unclassified"], max_unclassified, "warning"),
            no_rows(
                "ledger_adds_up",
                "raw_transactions_ledger_adds_up",
                "For each load, rows read equal rows accepted plus rejected plus duplicate.",
            ),
            no_rows(
                "in_ledger",
                "raw_transactions_in_ledger",
                "Over all months, there are as many rows as the loads in force had accepted.",
            ),
        ),
    )
