"""What the commands on loads and rejects do: loads, withdraw, rejects and replay."""

import os
from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Callable
from getpass import getuser
from pathlib import Path

from flows.terminal import say, show
from tasks.operation.watching import under_way
from warehouse.settings import Settings

_UPDATED = "The next `microseg run` updates"


def loads(options: Namespace) -> int:
    """Print the ledger of loads."""
    from tasks.intake.ledger import loads_table

    show(loads_table(Settings(), options.all))
    return 0


def withdraw(options: Namespace) -> int:
    """Remove a load, or undo its withdrawal."""
    from tasks.intake.withdraw import WITHDRAWN, undo_withdrawal
    from tasks.intake.withdraw import withdraw as take_away
    from tasks.operation.reference_choice import read_configured

    settings = Settings()
    if options.undo:
        line = undo_withdrawal(settings, options.load)
        say(f"{line.named} is no longer withdrawn: the next `microseg run` loads it again if its source is still there")
        return 0
    contract = read_configured(settings).source
    with under_way("withdraw"):
        done = take_away(settings, contract, options.load, options.reason, _user())
    line = done.line
    if line.status == WITHDRAWN:
        say(f"{line.named} is already withdrawn: none of its rows are loaded")
        return 0
    say(f"withdrawn: {line.named}, {0 if line.status == 'held' else line.rows_accepted:,} accepted rows")
    if done.waiting:
        say(f"{done.waiting:,} rejected rows that it had corrected are waiting again.")
    if done.replays:
        say(f"Corrected rows of it stay loaded; to remove those too, withdraw their replays: {', '.join(done.replays)}")
    if done.months:
        say(f"{_UPDATED} {done.months} {'month' if done.months == 1 else 'months'}.")
    if not line.is_replay:
        say(f"It stays out until its content changes. To undo this: microseg withdraw --undo {line.load_id}")
    return 0


def _user() -> str:
    try:
        return getuser()
    except (KeyError, OSError):  # a container may run as somebody without a name
        return f"user {os.getuid()}"


def rejects(options: Namespace) -> int:
    """Write rejected rows to a CSV file, or dismiss them."""
    from tasks.intake.quarantine import dismiss_rejects, write_rejects
    from tasks.operation.reference_choice import read_configured
    from warehouse.errors import ReferenceSetError

    settings = Settings()
    if options.dismiss:
        rows = dismiss_rejects(settings, options.reason, options.load)
        say(f"{rows:,} rejected rows dismissed; they can no longer be replayed")
        return 0
    try:
        contract = read_configured(settings).source
    except ReferenceSetError:
        contract = None  # the rows themselves say how they were delivered
    with under_way("write the rejects"):
        rows = write_rejects(settings, contract, options.out, options.reason, options.load)
    say(f"{rows:,} rejected rows written to {options.out}; correct them there, then: microseg replay {options.out}")
    if options.load:
        say("If this load is held back, its rows come with its source: correct them there instead.")
    return 0


def replay(options: Namespace) -> int:
    """Load rejected rows that have been corrected."""
    from uuid import uuid4

    from flows.business_date import today
    from tasks.intake.ingest import LoadContext
    from tasks.intake.replay import replay as put_back
    from tasks.operation.reference_choice import read_configured

    settings = Settings()
    reference = read_configured(settings)
    with under_way("replay"):
        done = put_back(LoadContext(settings, reference, uuid4().hex[:16], today(settings)), options.file)
    say(f"{done.accepted:,} rows loaded, {done.duplicate:,} duplicates, {done.rejected:,} still rejected")
    if done.accepted:
        say(f"{_UPDATED} the months they fall in.")
    return 0


def add_intake(parsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the parsers of these commands."""
    _add_loads(parsers.add_parser("loads", help="list the loads, newest first, and their status"))
    _add_withdraw(parsers.add_parser("withdraw", help="remove a load, as if it had never arrived"))
    _add_rejects(parsers.add_parser("rejects", help="write rejected rows to a CSV file to correct, or dismiss them"))
    _add_replay(parsers.add_parser("replay", help="load rejected rows that have been corrected"))


def _add_loads(parser: ArgumentParser) -> None:
    parser.add_argument("--all", action="store_true", help="include versions that were replaced or withdrawn")


def _add_withdraw(parser: ArgumentParser) -> None:
    parser.add_argument("load", metavar="LOAD", help="id of the load, as `microseg loads` shows it")
    parser.add_argument("--reason", default="", metavar="TEXT", help="kept in the ledger")
    parser.add_argument("--undo", action="store_true", help="let the next run load a withdrawn load again")


def _add_rejects(parser: ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--out", type=Path, metavar="FILE", help="CSV file to write")
    what.add_argument("--dismiss", action="store_true", help="give them up for good")
    parser.add_argument("--reason", default="", help="only rows rejected for this reason, for example future_date")
    parser.add_argument("--load", default="", help="only rows of this load")


def _add_replay(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, nargs="?", help="corrected CSV; default: try all waiting rejects again")


commands: dict[str, Callable[[Namespace], int]] = {
    "loads": loads,
    "rejects": rejects,
    "replay": replay,
    "withdraw": withdraw,
}
