"""What the commands of operation do: up, status, retrain, rollback, promote, dismiss and study."""

from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Callable
from pathlib import Path

from flows.commands_backfill import add_backfill, backfill
from flows.documents import status_document
from flows.sample import set_up_sample
from flows.temporary_server import with_prefect
from flows.terminal import day, say, say_json, show
from tasks.operation.watching import under_way
from warehouse.connection import connect, in_transaction
from warehouse.settings import Settings


def up(options: Namespace) -> int:
    """Start a local Prefect server with all deployments and a worker."""
    from flows.up import up as start

    sample_as_of = set_up_sample() if options.sample else None
    start(Settings(), options.host, options.port, say, sample_as_of)
    return 0


def status(options: Namespace) -> int:
    """Print where the warehouse stands and what is broken; 1 when something is."""
    from tasks.operation.status import ordered, read_status

    with under_way("read the warehouse"):
        current = read_status(Settings())
    if options.json:
        say_json(status_document(current))
        return 0 if current.healthy else 1
    say(current.headline)
    for line in current.facts:
        say(f"  {line}")
    for finding in ordered(current):
        say()
        show(finding.table())
        say(f"What to do: {finding.remedy}")
    return 0 if current.healthy else 1


@with_prefect("flows.retrain", "retrain")
def retrain(options: Namespace) -> int:
    """Train a challenger and promote it when it is not worse."""
    from flows.retrain import retrain as train
    from tasks.publishing.decision_tables import decision_tables, next_line, verdict_line
    from tasks.publishing.standing import current_date

    decision = train(options.as_of or current_date(Settings()), options.promote, options.reference or "")
    for table in decision_tables(decision):
        show(table)
        say()
    say(verdict_line(decision))
    say(f"{decision.agreement:.1%} of customers keep their first trait.")
    say(next_line(decision).replace("`", ""))
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
    add_backfill(parsers.add_parser("backfill", help="rebuild past business dates; without --for-real only show them"))
    _add_retrain(parsers.add_parser("retrain", help="train a challenger; it replaces the champion if it is not worse"))
    parsers.add_parser("rollback", help="restore the previous champion and its segments")
    _add_promote(parsers.add_parser("promote", help="promote a waiting challenger to champion"))
    _add_version(parsers.add_parser("dismiss", help="dismiss a waiting challenger; the champion stays in use"))
    _add_study(parsers.add_parser("study", help="compare with the paper's figures, over several seeds"))


def _add_up(parser: ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on; default: this machine only")
    parser.add_argument("--sample", action="store_true", help="let runs load real purchases of 2,469 households")
    parser.add_argument("--port", type=int, default=4200, help="port of UI and API; default 4200")


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
