"""What the command of backfills does: show the dates of a range, rebuild them, give one up."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, date, datetime

from flows.documents import dismissed_document, preview_document, rebuilt_document
from flows.temporary_server import with_prefect
from flows.terminal import day, say, say_json, show
from warehouse.errors import MicrosegError
from warehouse.settings import Settings


def backfill(options: Namespace) -> int:
    """Rebuild past business dates in this process; without --for-real only show them."""
    if options.dismiss:
        return _dismiss(options)
    if options.start is None or options.end is None:
        raise MicrosegError("backfill needs the first and the last day, or --dismiss DATE")
    return _rebuild(options)


@with_prefect("flows.backfill", "backfill")
def _rebuild(options: Namespace) -> int:
    from flows.backfill import backfill as rebuild
    from tasks.publishing.backfill_tables import plan_lines, windows_table

    with _told_in_the_end(Settings(), options.json) if options.for_real else nullcontext():
        windows = rebuild(
            options.start,
            options.end,
            which=options.which,
            every=options.every,
            stages=options.stages,
            dry_run=not options.for_real,
            max_parallel=options.max_parallel,
        )
    if options.json:
        if not options.for_real:
            say_json(preview_document(windows))
        return 0
    lines = plan_lines(windows, options.which)
    if not options.for_real and windows:
        show(windows_table(f"Business dates from {options.start} to {options.end}", windows))
        lines.append("Nothing was written; run it again with --for-real to rebuild them.")
    for line in lines[1:] if options.for_real and windows else lines:  # what was done stands in the table of results
        say(f"\n{line}")
    return 0


def _dismiss(options: Namespace) -> int:
    from tasks.operation.backfill import dismiss

    as_of: date = options.dismiss
    said = dismiss(Settings(), as_of)
    if options.json:
        say_json(dismissed_document(as_of, said))
        return 0
    say(f"{as_of} is dismissed; its backfill had ended with: {said}")
    return 0


@contextmanager
def _told_in_the_end(settings: Settings, as_json: bool) -> Iterator[None]:
    """Print what became of each date, also when some failed: the reasons stand above the line of the error."""
    since = datetime.now(UTC)
    try:
        yield
    except BaseException:
        with suppress(Exception):  # what ended the backfill counts, and there may be no warehouse to read
            _tell_rebuilt(settings, since, as_json)
        raise
    _tell_rebuilt(settings, since, as_json)


def _tell_rebuilt(settings: Settings, since: datetime, as_json: bool) -> None:
    from tasks.publishing.backfill_tables import read_rebuilt, rebuilt_line, rebuilt_table

    rebuilt = read_rebuilt(settings, since)
    if as_json:
        say_json(rebuilt_document(rebuilt))
    elif rebuilt:
        show(rebuilt_table(rebuilt))
        say(f"\n{rebuilt_line(rebuilt)}")


def add_backfill(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("start", type=day, nargs="?", help="first day, e.g. 2026-01-01")
    parser.add_argument("end", type=day, nargs="?", help="last day, included")
    parser.add_argument(
        "--which",
        choices=("missing", "failed", "stale", "all"),
        default="all",
        help="missing: dates without segments; failed: dates whose last backfill failed or was stopped; stale: "
        "published dates with late rows, or whose model, reference set, rule or code has changed; default all",
    )
    parser.add_argument(
        "--every",
        choices=("month", "week", "day"),
        default="month",
        help="one date per month, week or day; default month",
    )
    parser.add_argument(
        "--stages",
        choices=("recompute", "reload", "republish"),
        default="recompute",
        help="recompute: periods, features and segments; reload: read the sources again first; republish: only the "
        "Parquet files; default recompute",
    )
    parser.add_argument(
        "--max-parallel", type=_parallel, default=1, help="dates rebuilt at the same time, 1 to 8; default 1"
    )
    parser.add_argument("--dismiss", type=day, metavar="DATE", help="give up a date whose backfill can never succeed")
    parser.add_argument("--for-real", action="store_true", help="rebuild the dates; without it they are only shown")


def _parallel(text: str) -> int:
    if text not in set("12345678"):
        raise ArgumentTypeError(f"{text!r} is not a number from 1 to 8")
    return int(text)
