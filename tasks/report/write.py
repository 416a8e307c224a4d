"""Write: the page of a released date below the home, whole or not at all; `latest` follows."""

import os
from datetime import date
from pathlib import Path

from tasks.operation.exported import LATEST, Release, point_latest, released
from tasks.operation.reported import report_page, told_of, told_release
from tasks.operation.retention import gone_line, read_retention
from tasks.report.page import render_report
from tasks.report.read import read_report
from tasks.units.unit import Crew
from warehouse.connection import connect
from warehouse.errors import MicrosegError
from warehouse.files import write_text
from warehouse.locks import held
from warehouse.settings import Settings


def write_report(settings: Settings, as_of: date, crew: Crew | None = None) -> Path:
    """Write `<home>/reports/as_of=YYYY-MM-DD/index.html`, unless it tells of this very release already.

    Args:
        settings: `home` takes the page.
        as_of: Business date; it is released.
        crew: Reads raw rows; None: they are read here.

    Returns:
        The page.

    Raises:
        MicrosegError: The date is not released, or its features were let go of.
    """
    home = settings.home.resolve()
    page = report_page(home, as_of)
    try:
        with held(home / "exporting" / "lock"):  # of two processes the last one reads the newest release
            told = _to_tell(settings, as_of)
            if told_release(page) != told:
                links = _links(home, page)
                write_text(page, render_report(read_report(settings, as_of, crew), links, told))
            point_latest(home / "reports" / LATEST, page.parent, home / "exporting" / "latest-report")
    except (FileExistsError, NotADirectoryError) as error:
        raise MicrosegError(f"{error.filename} is a file where reports need a folder: move it away") from None
    return page


def _to_tell(settings: Settings, as_of: date) -> Release:
    with connect(settings, read_only=True) as connection:
        until = [release for release in released(connection) if release["as_of"] <= str(as_of)]
        if until and until[-1]["as_of"] == str(as_of):
            return told_of(until)
        if as_of in read_retention(connection, settings).gone:
            raise MicrosegError(gone_line(as_of))
    raise MicrosegError(f"{as_of} is not released: run `microseg backfill {as_of} {as_of} --every day --for-real`")


def _links(home: Path, page: Path) -> dict[str, str]:
    """Return how a page leads to other files of the home, wherever the home is moved."""
    docs = home / "data_docs" / "index.html"
    return {"Data Docs": os.path.relpath(docs, page.parent)} if docs.exists() else {}
