"""The page of a customer who does not exist."""

from datetime import date, datetime
from decimal import Decimal

from model.counterfactual import Counterfactual, Move
from model.vocabulary import UNDETERMINED
from tasks.publishing.explain import Explanation, Reason, sentences
from tasks.report.customer_content import CustomerPage, Month, Spell, Step

AS_OF = date(2026, 1, 31)
LABELS = {0: "Groceries", 1: "Restaurants and bars", 2: "Books and magazines"}


def made_up_customer() -> CustomerPage:
    """A customer of E.A, near the boundary to A.E."""
    explanation = _explanation()
    return CustomerPage(
        "2317", 7, AS_OF, datetime(2026, 2, 1, 2, 41), "Europe/Zurich", "EUR", "E.A",
        "extraversion, then agreeableness",
        "Spending that leans to extraversion, then agreeableness.", 3.4, "A.E", explanation, sentences(explanation),
        [*_steps("annual"), *_steps("bimonthly")],
        [Spell("A.E", "", date(2024, 6, 30), date(2025, 3, 31)), Spell("E.A", "", date(2025, 3, 31), None)],
        [Month(date(2020 + n // 12, n % 12 + 1, 1), 0 if n < 4 else 11 + n % 7, n % 3) for n in range(72)],
        "2026-01-05-8c1f22", "a41c9e02", "bank", True, True, ["The score is an index of spending, not a diagnosis."],
    )  # fmt: skip


def _explanation() -> Explanation:
    reasons = (
        Reason(LABELS[1], 0.83, 0.21, 0.06, Decimal("8421.50")),
        Reason(LABELS[0], 0.12, 0.24, 0.19, Decimal("9120.00")),
        Reason(LABELS[2], -0.31, 0.051, 0.012, Decimal("2010.05")),
    )
    moves = (Move(1, 0.21, 0.134, 1), Move(2, 0.051, 0.0825, 2))
    return Explanation(
        "E.A", 2, 0.059, "A.E", "annual", AS_OF, "2026-01-05-8c1f22", 6, "E", "A", 0.92, 0.64, 0.2, 0.08, False,
        reasons, Counterfactual(moves, "A.E"), LABELS,
    )  # fmt: skip


def _steps(window_name: str) -> list[Step]:
    return [
        Step(
            window_name, n, date(2019 + n, 2, 1), date(2020 + n, 1, 31), n != 3,
            UNDETERMINED if n == 1 else "A.E" if n < 4 else "E.A", (0.1 * n, 0.05 * n, -0.1),
            (0.2, 0.4, 0.81, 0.7, 0.1),
            None if n == 1 else 31.24 * n, None if n == 1 else 60.0 + n,
        )
        for n in range(1, 7)
    ]  # fmt: skip
