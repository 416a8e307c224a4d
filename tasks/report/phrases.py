"""Numbers, dates and texts as a person says them; what the page writes goes through here."""

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

MINUS: Final = "−"
NOT_TOLD: Final = "not shown"
# Below this it is one in so many; above, so many in one of these.
_ONE_IN: Final = 0.19
_PARTS: Final = (2, 3, 4, 5, 10)
_CLOSE: Final = 0.02
_EXACT: Final = 0.0005


def plain(text: str) -> str:
    r"""Return a text without what turns the line around, hides, or is no character at all.

    >>> plain("a\u202eb\x00c\u200fd\ne")
    'abcd\ne'
    """
    return "".join(sign for sign in text if sign in "\n\t" or unicodedata.category(sign) not in {"Cc", "Cf", "Cs"})


def shorten(text: str, length: int) -> str:
    """Return at most `length` characters; what is cut off is marked.

    >>> shorten("groceries", 6), shorten("food", 6)
    ('groce…', 'food')
    """
    text = plain(text)
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def number(value: float, digits: int = 0) -> str:
    """Return a number with its thousands apart and a true minus sign; minus nothing is nothing.

    >>> number(-1204.4), number(6.26, 1), number(-0.001, 2)
    ('−1,204', '6.3', '0.00')
    """
    text = f"{value:,.{digits}f}"
    return text.lstrip("-") if not text.strip("-0.,") else text.replace("-", MINUS)


def signed(value: float, digits: int = 0) -> str:
    """Return a difference with its sign.

    >>> signed(12), signed(-3.21, 1), signed(0)
    ('+12', '−3.2', '0')
    """
    text = number(value, digits)
    return f"+{text}" if value > 0 and text.strip("0.,") else text


def counted(value: int, what: str, many: str = "") -> str:
    """Return a number of things.

    >>> counted(1, "customer"), counted(1204, "customer"), counted(2, "class", "classes")
    ('1 customer', '1,204 customers', '2 classes')
    """
    return f"{number(value)} {what if value == 1 else many or what + 's'}"


def told(value: float | None, digits: int = 0) -> str:
    """Return a number, or that it is not shown.

    >>> told(1204), told(None)
    ('1,204', 'not shown')
    """
    return NOT_TOLD if value is None else number(value, digits)


def percent(share: float, digits: int = 1) -> str:
    """Return a share in per cent.

    >>> percent(0.063), percent(0.0004), percent(0)
    ('6.3%', 'under 0.1%', '0.0%')
    """
    if 0 < share < 0.5 * 10 ** -(digits + 2):
        return f"under {10**-digits:.{digits}f}%"
    return f"{number(100 * share, digits)}%"


def points(difference: float) -> str:
    """Return a difference of two shares in percentage points.

    >>> points(0.0312), points(-0.01)
    ('+3.1 points', '−1.0 points')
    """
    return f"{signed(100 * difference, 1)} points"


def part(share: float) -> str:
    """Return a share as so many in so many, the smallest numbers that are close enough.

    >>> [part(share) for share in (0.4, 0.41, 0.89, 0.065, 0.972)]
    ['2 in 5', 'about 2 in 5', 'about 9 in 10', 'about 1 in 15', 'about 97 in 100']
    >>> [part(share) for share in (0.0002, 1, 0)]
    ['fewer than 1 in 1,000', 'all', 'none']
    """
    if share <= 0 or share >= 1:
        return "none" if share <= 0 else "all"
    if share < 1 / 1000:
        return "fewer than 1 in 1,000"
    some, of = _fraction(share)
    return f"{'' if abs(some / of - share) < _EXACT else 'about '}{some:,} in {of:,}"


def _fraction(share: float) -> tuple[int, int]:
    if share < _ONE_IN:
        return 1, round(1 / share)
    of = min(_PARTS, key=lambda parts: (abs(round(share * parts) / parts - share), parts))
    some = round(share * of)
    if some < of and abs(some / of - share) <= _CLOSE:
        return some, of
    hundredths = round(100 * share)
    return (999, 1000) if hundredths == 100 else (hundredths, 100)  # noqa: PLR2004 - not all are nearly all


def degrees(angle: float) -> str:
    """Return an angle.

    >>> degrees(6.29), degrees(1)
    ('6.3 degrees', '1.0 degrees')
    """
    return f"{number(angle, 1)} degrees"


def day(when: date) -> str:
    """Return a date as it is spoken.

    >>> day(date(2026, 1, 31))
    '31 January 2026'
    """
    return f"{when.day} {when:%B %Y}"


def short_day(when: date) -> str:
    """Return a date for a narrow place.

    >>> short_day(date(2026, 1, 31))
    '31 Jan 2026'
    """
    return f"{when.day} {when:%b %Y}"


def moment(when: datetime) -> str:
    """Return a date with its time.

    >>> moment(datetime(2026, 2, 1, 2, 41))
    '1 February 2026, 02:41'
    """
    return f"{day(when)}, {when:%H:%M}"


def spoken(text: str) -> str:
    """Return a date that is written as 2026-01-31 as it is spoken, any other text as it is.

    >>> spoken("2026-01-31"), spoken("none")
    ('31 Jan 2026', 'none')
    """
    try:
        return short_day(date.fromisoformat(text))
    except ValueError:
        return text


def sentence(text: str) -> str:
    """Return a text with a capital letter at its beginning.

    >>> sentence("about 2 in 5")
    'About 2 in 5'
    """
    return text[:1].upper() + text[1:]


def listed(items: Sequence[str]) -> str:
    """Return items as a person lists them.

    >>> listed(["a", "b", "c"]), listed(["a", "b"]), listed(["a"])
    ('a, b and c', 'a and b', 'a')
    """
    return " and ".join(filter(None, [", ".join(items[:-1]), *items[-1:]]))
