"""What nobody foresaw: one line for the user, and a file below the home for whoever fixes it."""

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from traceback import format_tb

from warehouse.errors import MicrosegError, UnforeseenError
from warehouse.privacy import private_folder
from warehouse.settings import Settings

# With it set, the traceback is printed as Python does it, message and all.
DEBUG = "MICROSEG_DEBUG"
KEPT = 50  # a monitor that calls a broken command every minute must not fill a disk
# Their messages are written by us, or speak of names in code; any other may quote an id, a name or an amount.
_SAFE = (MicrosegError, UnforeseenError, ImportError, NameError, AttributeError)


def wants_trace() -> bool:
    """Return whether the user asked for Python's own traceback."""
    return os.environ.get(DEBUG, "").lower() not in {"", "0", "false", "no"}


def report_crash(error: Exception) -> str:
    """Keep the traceback below the home, and return the one line for the user.

    Args:
        error: What no command expected.
    """
    what = error if isinstance(error, UnforeseenError) else f"an unexpected error occurred ({type(error).__name__})"
    return f"{what}; {_where(error)}; run again, and report it if it persists"


def _where(error: Exception) -> str:
    try:
        return f"details in {_keep(Settings().home.resolve() / 'crashes', error)}"
    except (OSError, MicrosegError):  # no home to write to: a disk that is full, or a setting that cannot be read
        return f"details could not be written; {DEBUG}=1 shows them"


def _keep(folder: Path, error: Exception) -> Path:
    private_folder(folder)
    path = folder / f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%S.%fZ}.txt"
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        file.write(trace_of(error))
    for old in sorted(folder.glob("*.txt"))[:-KEPT]:
        with suppress(OSError):
            old.unlink()
    return path


def trace_of(error: BaseException) -> str:
    """Return where an error came from, and from which other, without a value that its message may quote.

    Frames hold lines of code, never what a variable held.
    """
    head = f"Python {sys.version.split()[0]} on {sys.platform}\n"
    return head + "\nraised after\n".join(_one(link) for link in _chain(error))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    told: list[BaseException] = []
    while error is not None and error not in told:
        told.append(error)
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _one(error: BaseException) -> str:
    kind = type(error)
    return f"{''.join(format_tb(error.__traceback__))}{kind.__module__}.{kind.__qualname__}: {_message(error)}\n"


def _message(error: BaseException) -> str:
    if isinstance(error, _SAFE):
        return str(error)
    if isinstance(error, OSError) and error.errno is not None:
        return os.strerror(error.errno)
    return f"(its message is left out: it may quote data; {DEBUG}=1 shows it)"
