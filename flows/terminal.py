"""What all commands share: lines for the user, a progress counter, Prefect without noise."""

import os
import sys
from argparse import ArgumentTypeError
from collections.abc import Callable
from datetime import date


def say(text: str = "") -> None:
    """Print one line for the user."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def progress(what: str) -> Callable[[int, int], None]:
    """Return a callback that counts on one line of a terminal, and says nothing into a file."""

    def report(done: int, total: int) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{what} {done} of {total}" + ("\n" if done == total else ""))
            sys.stderr.flush()

    return report


def quiet_prefect() -> None:
    """Set Prefect up for a flow in this process: no telemetry, no log beside our own lines."""
    defaults = {
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",  # no telemetry, and no failed call on machines without internet
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",  # its first start migrates its own database
        "PREFECT_LOGGING_LEVEL": "CRITICAL",  # an error reaches the user as one line, from main
        "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
    }
    for name, value in defaults.items():
        os.environ.setdefault(name, value)


def day(text: str) -> date:
    """Parse an argument that is a date."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a date; write it as 2026-01-31") from None
