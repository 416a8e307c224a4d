"""What the commands of operation do: up, status, backfill, retrain, rollback and study."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace, _SubParsersAction
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, date, datetime
from pathlib import Path

from flows.temporary_server import with_prefect
from flows.terminal import day, say
from warehouse.connection import connect, in_transaction
from warehouse.errors import MicrosegError
from warehouse.settings import Settings


def up(options: Namespace) -> int:
    """Start a local Prefect server with all deployments and a worker."""
    from flows.up import up as start

    start(Settings(), options.host, options.port, say)
    return 0


def status(_options: Namespace) -> int:
    """Print where the warehouse stands and what is broken; 1 when something is."""
    from tasks.operation.status import ordered, read_status
    from tasks.operation.tables import render_text

    current = read_status(Settings())
    say(current.headline)
    for line in current.facts:
        say(f"  {line}")
    for finding in ordered(current):
        say("\n" + render_text(finding.table()) + f"\nWhat to do: {finding.check.remedy}")
    return 0 if current.healthy else 1


def backfill(options: Namespace) -> int:
    """Rebuild past business dates in this process; without --for-real only show them."""
    if options.dismiss:
        return _dismiss(options.dismiss)
    if options.start is None or options.end is None:
        raise MicrosegError("backfill needs the first and the last day, or --dismiss DATE")
    return _rebuild(options)


@with_prefect("flows.backfill", "backfill")
def _rebuild(options: Namespace) -> int:
    from flows.backfill import backfill as rebuild
    from tasks.operation.tables import render_text
    from tasks.publishing.backfill_tables import plan_lines, windows_table

    with _told_in_the_end(Settings()) if options.for_real else nullcontext():
        windows = rebuild(
            options.start,
            options.end,
            which=options.which,
            every=options.every,
            stages=options.stages,
            dry_run=not options.for_real,
            max_parallel=options.max_parallel,
        )
    lines = plan_lines(windows, options.which)
    if not options.for_real and windows:
        say(render_text(windows_table(f"Business dates from {options.start} to {options.end}", windows)))
        lines.append("Nothing was written; run it again with --for-real to rebuild them.")
    for line in lines[1:] if options.for_real and windows else lines:  # what was done stands in the table of results
        say(f"\n{line}")
    return 0


def _dismiss(as_of: date) -> int:
    from tasks.operation.backfill import dismiss

    said = dismiss(Settings(), as_of)
    say(f"{as_of} is dismissed; its backfill had ended with: {said}")
    return 0


@contextmanager
def _told_in_the_end(settings: Settings) -> Iterator[None]:
    """Print what became of each date, also when some failed: the reasons stand above the line of the error."""
    since = datetime.now(UTC)
    try:
        yield
    except BaseException:
        with suppress(Exception):  # what ended the backfill counts, and there may be no warehouse to read
            _tell_rebuilt(settings, since)
        raise
    _tell_rebuilt(settings, since)


def _tell_rebuilt(settings: Settings, since: datetime) -> None:
    from tasks.operation.tables import render_text
    from tasks.publishing.backfill_tables import read_rebuilt, rebuilt_line, rebuilt_table

    if rebuilt := read_rebuilt(settings, since):
        say(f"{render_text(rebuilt_table(rebuilt))}\n\n{rebuilt_line(rebuilt)}")


@with_prefect("flows.retrain", "retrain")
def retrain(options: Namespace) -> int:
    """Train a challenger and promote it when it is not worse."""
    from flows.retrain import retrain as train
    from tasks.operation.tables import render_text
    from tasks.publishing.decision_tables import comparison_table, movers_table
    from tasks.publishing.standing import current_date

    decision = train(options.as_of or current_date(Settings()), options.promote, options.reference or "")
    for table in (comparison_table(decision), movers_table(decision)):
        say(render_text(table) + "\n")
    say(f"{'promoted' if decision.promoted else 'champion stays'}: {decision.reason}")
    say(f"{decision.agreement:.1%} of customers keep their segment at depth 1.")
    if decision.promoted:
        say("To undo this: microseg rollback")
    return 0


@with_prefect("flows.retrain", "rollback")
def rollback(_options: Namespace) -> int:
    """Restore the previous champion, with its features and segments."""
    from flows.retrain import rollback as roll_back

    out, back = roll_back()
    say(f"{back} replaces {out} as champion; features, segments and exports now come from it")
    return 0


@with_prefect("flows.retrain", "promote")
def promote(options: Namespace) -> int:
    """Promote a waiting challenger to champion."""
    from flows.retrain import promote_version

    day = promote_version(options.version, move_reference=options.move_reference)
    say(f"{options.version} is now the champion; features, segments and exports of {day} come from it")
    say("To undo this: microseg rollback")
    return 0


def dismiss(options: Namespace) -> int:
    """Dismiss a waiting challenger."""
    from tasks.science.champions import dismiss_challenger

    settings = Settings()
    with connect(settings) as connection:
        in_transaction(connection, lambda: dismiss_challenger(connection, options.version), settings.commit_attempts)
    say(f"{options.version} is dismissed; the champion stays in use")
    return 0


def study(options: Namespace) -> int:
    """Compare with the paper over several seeds and write the report."""
    from flows.study import study as compare

    return compare(options)


def add_operations(parsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the parsers of these commands."""
    _add_up(parsers.add_parser("up", help="start a local Prefect server with all deployments and a worker"))
    parsers.add_parser("status", help="show the state of the warehouse and what is broken; exit code 1 if anything is")
    _add_backfill(parsers.add_parser("backfill", help="rebuild past business dates; without --for-real only show them"))
    _add_retrain(parsers.add_parser("retrain", help="train a challenger; it replaces the champion if it is not worse"))
    parsers.add_parser("rollback", help="restore the previous champion and its segments")
    _add_promote(parsers.add_parser("promote", help="promote a waiting challenger to champion"))
    _add_version(parsers.add_parser("dismiss", help="dismiss a waiting challenger; the champion stays in use"))
    _add_study(parsers.add_parser("study", help="compare with the paper's figures, over several seeds"))


def _add_up(parser: ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on; default: this machine only")
    parser.add_argument("--port", type=int, default=4200, help="port of UI and API; default 4200")


def _add_backfill(parser: ArgumentParser) -> None:
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


def _add_retrain(parser: ArgumentParser) -> None:
    parser.add_argument("--as-of", type=day, help="business date of the training data; default: the published one")
    parser.add_argument(
        "--promote",
        choices=("auto", "never", "force"),
        default="auto",
        help="auto: if it is not worse; never: keep it for review; force: in any case; default auto",
    )
    parser.add_argument("--reference", help="another reference set to move to; default MICROSEG_REFERENCE")


def _add_version(parser: ArgumentParser) -> None:
    parser.add_argument("version", help="version of the challenger, as `microseg status` shows it")


def _add_promote(parser: ArgumentParser) -> None:
    _add_version(parser)
    parser.add_argument(
        "--move-reference",
        action="store_true",
        help="also move the warehouse to the version of the reference set that the challenger was trained with",
    )


def _add_study(parser: ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--sample", action="store_true", help="use real households; default: the current warehouse")
    what.add_argument("--simulate", type=int, metavar="N", help="number of simulated customers")
    parser.add_argument("--seeds", type=int, default=5, help="number of training runs to compare; default 5")
    parser.add_argument("--out", type=Path, help="folder for the report; default: study-report in MICROSEG_HOME")


commands: dict[str, Callable[[Namespace], int]] = {
    "backfill": backfill,
    "dismiss": dismiss,
    "promote": promote,
    "retrain": retrain,
    "rollback": rollback,
    "status": status,
    "study": study,
    "up": up,
}
