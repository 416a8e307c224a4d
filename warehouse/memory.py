"""How much memory the process has, and how much of its limit is left for a DuckDB that it opens."""

import os
import re
from pathlib import Path

_UNITS = {"k": 1, "m": 2, "g": 3, "t": 4}
# Room for arrays of our own: hashes of keys (expectations/repeated.py) or a chunk of customers with all that is
# computed from it (tasks/science/features.py), never both at once.
ARRAYS = 256 * 1024**2
# DuckDB spills, and gets on, with this much; with less it ends statements that need a buffer for each thread.
LEAST = 256 * 1024**2


def size_of(text: str) -> int:
    """Return the bytes of a size as DuckDB writes it.

    >>> size_of("1.5 GiB"), size_of("200mb")
    (1610612736, 200000000)
    """
    number, unit, binary = re.fullmatch(r"([\d.]+) *([kmgt])(i?)b", text.lower()).groups()  # type: ignore[union-attr]
    return int(float(number) * (1024 if binary else 1000) ** _UNITS[unit])


def left_for_engine(limit: str) -> str:
    """Return what a DuckDB that is opened now may take, so that the whole process keeps to a limit.

    What the process holds already (Python, Prefect, TensorFlow, another engine) and its arrays to come are its, too.

    Args:
        limit: Of the process, such as ``"2GiB"``. Where too little is left of it, DuckDB still gets what it needs to
            spill, at most the limit.
    """
    whole = size_of(limit)
    left = max(whole - resident_bytes() - ARRAYS, min(whole, LEAST))
    return f"{left // 1024}KiB"


def resident_bytes() -> int:
    """Return the memory of this process; 0 where the system does not say it in Linux's way."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0
