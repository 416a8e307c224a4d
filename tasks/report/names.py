"""Names: what the page calls segments, traits and the sides of a move, from the codes that tables have."""

import re
from typing import Final

from model.vocabulary import GONE, INSUFFICIENT, LETTERS, NEW, OTHER, TRAITS, UNASSIGNED, UNDETERMINED, WITHHELD

# What the tables call customers without a segment, and the sides of a move, as a reader would.
SPECIAL: Final = {
    INSUFFICIENT: "Too little data yet",
    UNDETERMINED: "No clear direction",
    WITHHELD: "Groups too small to show",
    UNASSIGNED: "Without a segment",
    NEW: "New customers",
    GONE: "Customers who left",
    OTHER: "Not told: groups too small",
}
_SHORT: Final = {
    INSUFFICIENT: "Too little data",
    UNDETERMINED: "No direction",
    WITHHELD: "Small groups",
    GONE: "Left",
}
_CODE = re.compile(rf"[{LETTERS}](\.[{LETTERS}]){{0,4}}")


def is_order(code: str) -> bool:
    """Whether a code is an order of traits.

    >>> is_order("E.A"), is_order("withheld"), is_order("E.<b>")
    (True, False, False)
    """
    return _CODE.fullmatch(code) is not None


def name_of(code: str) -> str:
    """Return a segment's name in words, capitalised; a code that nobody knows is its own name.

    >>> name_of("E.A.O"), name_of("insufficient_data"), name_of("other bank's")
    ('Extraversion, then agreeableness, then openness', 'Too little data yet', "other bank's")
    """
    if not is_order(code):
        return SPECIAL.get(code, code)
    return ", then ".join(TRAITS[LETTERS.index(letter)] for letter in code.split(".")).capitalize()


def short_name(code: str) -> str:
    """Return what a segment or a side of a move is called where there is little room.

    >>> short_name("E.A"), short_name("new")
    ('E.A', 'New customers')
    """
    return _SHORT.get(code, code if is_order(code) else name_of(code))


def last_trait(code: str) -> str:
    """Return the last trait that a code names, capitalised; a code that nobody knows is returned as it is.

    >>> last_trait("E.A"), last_trait("new")
    ('Agreeableness', 'new')
    """
    return TRAITS[LETTERS.index(code[-1])].capitalize() if is_order(code) else code


def anchor(code: str) -> str:
    """Return the fragment of a segment's place in the page.

    >>> anchor("N.E.O.A"), anchor("a <b> c")
    ('segment-N.E.O.A', 'segment-a--b--c')
    """
    return "segment-" + re.sub(r"[^A-Za-z0-9._-]", "-", code)


def hue(code: str, place: int = 0) -> str:
    """Return the style class of a trait in an order, by its place; ``none`` where there is none.

    >>> hue("E.A"), hue("E.A", -1), hue("withheld")
    ('E', 'A', 'none')
    """
    return code.split(".")[place] if is_order(code) else "none"
