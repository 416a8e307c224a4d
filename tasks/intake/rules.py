"""Rules: what a row must be to be accepted, one file of ``sql/quality/`` a rule, asked while the row is typed."""

from functools import cache
from typing import TYPE_CHECKING

from warehouse.queries import query, query_names
from warehouse.sources.staging import Rules

if TYPE_CHECKING:
    from tasks.intake.context import Terms


def rules_of(terms: "Terms") -> Rules:
    """Return the rules with the bounds of a contract and a day."""
    contract = terms.contract
    bounds = {
        "earliest": contract.earliest,
        "received_on": terms.received_on,
        "maximum": contract.maximum,
        "currency": contract.currency,
    }
    return Rules(_first_broken(), bounds)


@cache
def _first_broken() -> str:
    """Return the SQL expression for the first broken rule of a row with the field at fault, as ``rule:field``."""
    return "CASE\n{}\nEND".format("\n".join(query(name) for name in query_names("quality")))
