"""Values of DuckDB and of Python as JSON has them."""

import math
from base64 import b64encode
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal

# How JSON, which has no word for them, is usually told of them (as in the JSON mapping of protocol buffers).
_NO_NUMBERS = {math.inf: "Infinity", -math.inf: "-Infinity"}


def plain(value: object) -> object:
    r"""Return a value of DuckDB as JSON has it.

    Bytes become base64, dates and times ISO 8601, what is not a number the words NaN, Infinity and -Infinity. A decimal
    is a number while a double holds every digit of it, else text: no amount is rounded.

    >>> plain({"at": date(2026, 1, 31), "sums": [Decimal("1.50"), Decimal("12345678901234567.89")], "raw": b"\xff"})
    {'at': '2026-01-31', 'sums': [1.5, '12345678901234567.89'], 'raw': '/w=='}
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else _NO_NUMBERS.get(value, "NaN")
    if isinstance(value, Decimal):
        return float(value) if Decimal(repr(float(value))) == value else str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return b64encode(value).decode()
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return _nested(value)


def _nested(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(inner) for inner in value]
    return str(value)
