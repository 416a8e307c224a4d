"""The words that all rooms share: traits, steps, windows, depths, and what a customer without a segment is called.

It imports nothing, so that the warehouse and the gates may speak the same words as the science.
"""

from typing import Final

TRAITS: Final = ("openness", "conscientiousness", "extraversion", "agreeableness", "neuroticism")
LETTERS: Final = "OCEAN"

STEPS: Final = 6
WINDOW_MONTHS: Final = {"annual": 12, "bimonthly": 2}
WINDOWS: Final = tuple(WINDOW_MONTHS)

# The order of five traits is known once four are named.
MAX_DEPTH: Final = len(TRAITS) - 1

INSUFFICIENT: Final = "insufficient_data"
UNDETERMINED: Final = "undetermined"
# Too few customers for a segment of their own, or needed to hide such a few among.
WITHHELD: Final = "withheld"
# One of the three above, when to say which would show too small a group.
UNASSIGNED: Final = "unassigned"
WITHOUT_SEGMENT: Final = (INSUFFICIENT, UNDETERMINED, WITHHELD, UNASSIGNED)

# In a table of moves: customers without a row on the earlier date or on the later one, and moves that are not shown.
NEW: Final = "new"
GONE: Final = "gone"
OTHER: Final = "other"
