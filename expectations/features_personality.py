"""What must hold of candidates.personality: memberships in five traits, each strictly between 0 and 1."""

from datetime import date

from expectations.features import batch_of, keys
from expectations.suite import Suite, between, not_null, rows_where
from model.vocabulary import LETTERS

NAME = "features_personality"
# A score is a mean of coefficients weighted by shares: beyond this the coefficients or the shares are broken.
MAX_SCORE = 1000.0


def suite(as_of: date) -> Suite:
    """Expectations of the personalities of one business date.

    Args:
        as_of: The business date.
    """
    scores, memberships = [[f"{kind}_{trait}" for trait in LETTERS.lower()] for kind in ("score", "membership")]
    return Suite(
        name=NAME,
        table="candidates.personality",
        batch=batch_of("candidates.personality", as_of),
        expectations=(
            *keys(by_step=True),
            *not_null(*scores, *memberships, "dominant", "total", "coverage"),
            *(between(score, -MAX_SCORE, MAX_SCORE) for score in scores),
            *(between(membership, 0, 1, exclusive="both") for membership in memberships),
            between("total", 0, None, exclusive="low"),
            between("coverage", 0, 1),
            rows_where(
                "dominant_is_highest", "features_personality_dominant", "The dominant trait has the highest membership."
            ),
        ),
    )
