"""Progress: how far long work is, told to whoever waits for it."""

from typing import Protocol


class Progress(Protocol):
    """Is told how far a piece of work is, as often as the work likes."""

    def __call__(self, done: int, total: int, about: str = "", rows: int = 0, /) -> None:
        """Take how far it is.

        Args:
            done: How much is done.
            total: How much there is.
            about: What is in hand: a source, a month.
            rows: Rows so far, where the work has rows.
        """


def silent(_done: int, _total: int, _about: str = "", _rows: int = 0) -> None:
    """Report no progress."""
