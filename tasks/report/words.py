"""Words: what a segment is called, and one sentence about it, for a reader who knows no codes."""

from collections.abc import Sequence

from model.vocabulary import INSUFFICIENT, UNASSIGNED, UNDETERMINED, WITHHELD, WITHOUT_SEGMENT
from tasks.publishing.words import in_words
from tasks.report.content import Lift

NAMED = 2  # classes in a sentence, on either side
WITHOUT_TRAITS = {
    INSUFFICIENT: "Customers with too few periods of spending to be put into a segment.",
    UNDETERMINED: "Customers whose spending shows no clear direction.",
    WITHHELD: "Customers of several segments that are not shown, since one of them would reveal a group of too few.",
    UNASSIGNED: "Customers without a segment that can be shown; to say why would reveal a group of too few.",
}


def traits_of(segment: str) -> str:
    """Return a segment's traits in words; empty for one without traits."""
    return "" if segment in WITHOUT_SEGMENT else in_words(segment)


def description(segment: str, more: Sequence[Lift], less: Sequence[Lift]) -> str:
    """Return one sentence about the spending of a segment; of what its customers are like it says nothing.

    Args:
        segment: Order of traits, or a word.
        more: Classes that lift most, largest difference first.
        less: Classes that lift least, largest difference first.

    >>> more, less = [Lift("Dining", 0.2, 0.1), Lift("Travel", 0.1, 0.05)], [Lift("Groceries", 0.1, 0.3)]
    >>> description("E.A", more, less)
    'Spending that leans to extraversion, then agreeableness: more than usual on Dining and Travel, less on Groceries.'
    """
    if segment in WITHOUT_TRAITS:
        return WITHOUT_TRAITS[segment]
    parts = [
        f"{than} on {' and '.join(lift.label for lift in lifts[:NAMED])}"
        for than, lifts in (("more than usual", more), ("less" if more else "less than usual", less))
        if lifts
    ]
    leaning = f"Spending that leans to {in_words(segment)}"
    return f"{leaning}: {', '.join(parts)}." if parts else f"{leaning}."
