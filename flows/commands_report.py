"""What `microseg report` does: the page of a release, or that of one customer."""

import os
import sys
import webbrowser
from argparse import ArgumentParser, Namespace
from pathlib import Path

from flows.terminal import day, say
from tasks.operation.watching import under_way
from warehouse.settings import Settings


def report(options: Namespace) -> int:
    """Write the page unless it is there, say where it lies, and open it where there is a screen.

    Raises:
        MicrosegError: The date is not released, or the customer has no published segment.
    """
    settings = Settings()
    with under_way("report"):
        page = _customer(settings, options.customer) if options.customer else _release(settings, options)
    say(str(page))
    if not options.no_open and _has_screen():
        webbrowser.open(page.as_uri())
    return 0


def _release(settings: Settings, options: Namespace) -> Path:
    from tasks.publishing.standing import current_date
    from tasks.report.write import write_report

    return write_report(settings, options.as_of or current_date(settings))


def _customer(settings: Settings, customer_id: str) -> Path:
    from tasks.report.write_customer import write_customer

    return write_customer(settings, customer_id)


def _has_screen() -> bool:
    """Whether somebody sits in front of this terminal: a page that opens on a server is lost, or a text browser."""
    return sys.stdout.isatty() and (sys.platform in {"darwin", "win32"} or bool(os.environ.get("DISPLAY")))


def add_report(parser: ArgumentParser) -> None:
    """Add the options of the command."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--as-of", type=day, help="business date of the release; default: the newest")
    what.add_argument("--customer", metavar="ID", help="the page of one customer instead, for nobody else to read")
    parser.add_argument("--no-open", action="store_true", help="only write it, and say where it is")
