"""Which release each page of a report tells of, against what is released: a kill may fall between the two."""

import html
import json
import re
import shutil
from collections.abc import Iterable
from datetime import date
from hashlib import sha256
from pathlib import Path

import duckdb

from tasks.operation.exported import LATEST, Release, released
from warehouse.locks import held
from warehouse.settings import Settings

PAGE = "index.html"
# Name of the <meta> of a page that says which release it tells of.
TOLD = "microseg.release"
# It stands in the head of a page, which is never longer.
_HEAD_BYTES = 4_096
_META = re.compile(rf'<meta name="{re.escape(TOLD)}" content="([^"]*)"')


def report_page(home: Path, as_of: object) -> Path:
    """Return where the page of a date lies."""
    return home / "reports" / f"as_of={as_of}" / PAGE


def told_release(page: Path) -> Release:
    """Return which release a page tells of, as its head says; empty when there is no page that can be read."""
    try:
        with page.open(encoding="utf-8", errors="replace") as file:
            told = _META.search(file.read(_HEAD_BYTES))
        return dict(json.loads(html.unescape(told[1]))) if told else {}
    except (OSError, ValueError, TypeError):
        return {}


def told_of(releases: Iterable[Release]) -> Release:
    """Return what the page of the last of some releases has to tell of: that release, and those before it.

    Its trends, moves and comparisons are made from them: where an older date was made anew, it is told anew, too.

    Args:
        releases: All up to a date, by date; at least one.
    """
    earlier = list(releases)
    last = earlier.pop()
    return last | {"history": sha256(json.dumps(earlier).encode()).hexdigest()[:16]}


def stale_reports(connection: duckdb.DuckDBPyConnection, settings: Settings) -> list[tuple[str, str]]:
    """Return the dates whose page is not that of the release, each with what is wrong.

    The page of the newest date has to be there, to be of today's history, and `latest` has to lead to it. Pages of
    older dates show what was known when they were written, and a bank may clear them away.

    Args:
        connection: A warehouse connection.
        settings: `home` holds the pages.
    """
    home, releases = settings.home.resolve(), released(connection)
    if not releases:
        return []
    stale = [
        (release["as_of"], "its report is from an earlier release")
        for release in releases[:-1]
        if (page := report_page(home, release["as_of"])).is_file() and not release.items() <= told_release(page).items()
    ]
    return stale + _newest(home, releases)


def _newest(home: Path, releases: list[Release]) -> list[tuple[str, str]]:
    day = releases[-1]["as_of"]
    page = report_page(home, day)
    if not page.is_file():
        return [(day, "its report is missing")]
    if told_release(page) != told_of(releases):
        return [(day, "its report is from an earlier release")]
    if (home / "reports" / LATEST).resolve() != page.parent:
        return [(day, f"reports/{LATEST} does not lead to its report")]
    return []


def remove_reports(settings: Settings, dates: Iterable[date]) -> int:
    """Remove the pages of dates whose features were let go of; `latest` never leads to one.

    Args:
        settings: `home` holds the pages.
        dates: Business dates.

    Returns:
        Pages that were removed.
    """
    home = settings.home.resolve()
    folders = [page.parent for as_of in dates if (page := report_page(home, as_of)).parent.is_dir()]
    if folders:
        with held(home / "exporting" / "lock"):
            for folder in folders:
                shutil.rmtree(folder)
    return len(folders)
