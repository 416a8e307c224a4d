"""Read: all that the page of a release says, from what is published and nothing else."""

from datetime import date

from tasks.report.angles import read_angles, read_paths
from tasks.report.content import Report
from tasks.report.context import open_context
from tasks.report.facts import read_attractors, read_model, read_release
from tasks.report.history import read_drift, read_kept, read_moves
from tasks.report.quality import read_coverage, read_quality
from tasks.report.segments import branches, read_segments
from tasks.report.sizes import read_dates, read_summaries, shown_dates, told, year_before
from tasks.units.unit import Crew
from warehouse.connection import connect
from warehouse.settings import Settings


def read_report(settings: Settings, as_of: date, crew: Crew | None = None) -> Report:
    """Read what the page of a release says; no group below the minimum size can be seen in it or worked out of it.

    Where retention has let go of the features of the date, the parts that are made from them are empty.

    Args:
        settings: Settings of the warehouse; `min_segment_size` bounds what is shown.
        as_of: Business date; it is released.
        crew: Reads raw rows, where there are later ones than `as_of`; None: they are read here.

    Raises:
        MicrosegError: The date is not released, or fewer customers than may be shown are published.
    """
    with connect(settings, read_only=True) as connection:
        context = open_context(connection, settings, as_of)
        dates = read_dates(context)
        summaries = read_summaries(context, shown_dates(dates))
        rows = told(summaries[as_of], settings.min_segment_size)
        previous, year_ago = max((day for day in dates if day < as_of), default=None), year_before(dates, as_of)
        release = read_release(context, rows, previous, year_ago, crew)
        return Report(
            release=release,
            segments=read_segments(context, rows, summaries),
            branches=branches(rows),
            angles=read_angles(context),
            paths=read_paths(context, rows),
            moves=read_moves(context, previous, year_ago),
            kept=read_kept(context, summaries),
            drift=read_drift(context, list(summaries)),
            quality=read_quality(context),
            coverage=read_coverage(context, release.customers),
            attractors=read_attractors(context),
            model=read_model(context),
        )
