"""Progress: how far long work is, told to whoever waits for it."""

from collections.abc import Callable

# Called with what is done and what there is in total.
Progress = Callable[[int, int], None]


def silent(_done: int, _total: int) -> None:
    """Report no progress."""
