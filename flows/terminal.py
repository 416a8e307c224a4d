"""What all commands share: lines, tables and documents for the user, Prefect without noise."""

import json
import os
import sys
from argparse import ArgumentTypeError
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from shutil import get_terminal_size
from textwrap import fill
from typing import TYPE_CHECKING

from flows.plain import plain
from warehouse.errors import MicrosegError
from warehouse.privacy import private_folder, private_home
from warehouse.settings import Settings

if TYPE_CHECKING:
    from tasks.operation.tables import Table


def say(text: str = "") -> None:
    """Print one line for the user."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def say_prose(text: str) -> None:
    """Print a line of sentences; in a terminal it breaks between words. What is to be copied is for `say`."""
    if not sys.stdout.isatty():
        say(text)
        return
    indent = " " * (len(text) - len(text.lstrip()) + 2) if text[:1] == " " else ""
    say(fill(text, get_terminal_size().columns, subsequent_indent=indent, break_on_hyphens=False))


def say_json(document: Mapping[str, object]) -> None:
    """Print one JSON document in one line, on stdout as any result."""
    say(json.dumps(plain(document), allow_nan=False, ensure_ascii=False))


def show(table: "Table") -> None:
    """Print a table: in a terminal as wide as that is, with cells that wrap; elsewhere plain, and always the same."""
    from tasks.operation.tables import render_text

    if not sys.stdout.isatty() or not table.rows:
        say(render_text(table))
        return
    from rich.console import Console

    from flows.tables import drawn

    Console(file=sys.stdout, highlight=False, emoji=False, markup=False).print(drawn(table))


def stay_below(settings: Settings, prefect: str = "prefect") -> None:
    """Let Prefect and Keras write below our home instead of the user's, and tell nobody of it.

    They read this when they are imported; what the user has set stays as it is.

    Args:
        settings: The home.
        prefect: Prefect's folder below it.
    """
    with suppress(MicrosegError):  # a home that cannot be made: the command itself says so
        private_home(settings)
    home = settings.home.resolve()
    _set_defaults(
        {
            "PREFECT_HOME": str(home / prefect),
            "KERAS_HOME": str(home / "keras"),
            "DO_NOT_TRACK": "1",  # else Prefect prints a notice in its first run on a terminal, and calls home
        }
    )
    with suppress(OSError):  # where nothing can be written, the command itself says so
        own = Path(os.environ["PREFECT_HOME"])
        for folder in (home / "prefect", own):  # Prefect makes no parents, and its database is nobody else's
            if own.is_relative_to(folder):
                private_folder(folder)


def quiet_prefect() -> None:
    """Set Prefect up for a flow in this process: no telemetry, no log beside our own lines.

    Its folder is another than that of `microseg up`: two servers would stand in each other's way in one SQLite. A
    profile that the user keeps, perhaps with the address of a server and its key, counts as before.
    """
    profiles = Path.home() / ".prefect" / "profiles.toml"
    if "PREFECT_HOME" not in os.environ and profiles.is_file():
        _set_defaults({"PREFECT_PROFILES_PATH": str(profiles)})
    stay_below(Settings(), "prefect/commands")
    defaults = {
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",  # no telemetry, and no failed call on machines without internet
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",  # its first start migrates its own database
        "PREFECT_LOGGING_LEVEL": "CRITICAL",  # an error reaches the user as one line, from main
        "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
    }
    _set_defaults(defaults)


def _set_defaults(defaults: dict[str, str]) -> None:
    for name, value in defaults.items():
        os.environ.setdefault(name, value)


def day(text: str) -> date:
    """Parse an argument that is a date."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a date; write it as 2026-01-31") from None
