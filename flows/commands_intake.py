"""What the commands on loads and rejects do: loads, withdraw, rejects and replay."""

import os
from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Callable
from getpass import getuser
from pathlib import Path

from flows.terminal import say
from warehouse.settings import Settings

_REFRESHED = "The next `microseg run` refreshes"


def loads(options: Namespace) -> int:
    """Print the ledger of loads."""
    from tasks.intake.ledger import loads_table
    from tasks.operation.tables import render_text

    say(render_text(loads_table(Settings(), options.all)))
    return 0


def withdraw(options: Namespace) -> int:
    """Take a load out, or let one that was withdrawn come back."""
    from tasks.intake.withdraw import undo_withdrawal
    from tasks.intake.withdraw import withdraw as take_away
    from tasks.operation.reference_choice import read_configured

    settings = Settings()
    if options.undo:
        line = undo_withdrawal(settings, options.load)
        say(f"{line.named} may come back: the next `microseg run` loads it again if it is still in its place")
        return 0
    contract = read_configured(settings).source
    done = take_away(settings, contract, options.load, options.reason, _user())
    line = done.line
    say(f"withdrawn: {line.named}, {0 if line.status == 'held' else line.rows_accepted:,} accepted rows")
    if done.waiting:
        say(f"{done.waiting:,} rejected rows that it had mended wait again.")
    if done.replays:
        say(f"Rows of it that were mended and put back stay; withdraw them, too, if need be: {', '.join(done.replays)}")
    if done.months:
        say(f"{_REFRESHED} {done.months} {'month' if done.months == 1 else 'months'}.")
    if not line.is_replay:
        say(f"It stays out until its content changes, or: microseg withdraw --undo {line.load_id}")
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
        say(f"{rows:,} rejected rows dismissed; they wait no more")
        return 0
    try:
        contract = read_configured(settings).source
    except ReferenceSetError:
        contract = None  # the rows themselves say how they were delivered
    rows = write_rejects(settings, contract, options.out, options.reason, options.load)
    say(f"{rows:,} rejected rows in {options.out}; mend them there, then: microseg replay {options.out}")
    if options.load:
        say("Rows of a load that is held back come in with their source: mend it there instead.")
    return 0


def replay(options: Namespace) -> int:
    """Put mended rejects back in."""
    from uuid import uuid4

    from flows.business_date import today
    from tasks.intake.ingest import LoadContext
    from tasks.intake.replay import replay as put_back
    from tasks.operation.reference_choice import read_configured

    settings = Settings()
    reference = read_configured(settings)
    done = put_back(LoadContext(settings, reference, uuid4().hex[:16], today(settings)), options.file)
    say(f"{done.accepted:,} rows put back, {done.duplicate:,} duplicates, {done.rejected:,} still rejected")
    if done.accepted:
        say(f"{_REFRESHED} their months.")
    return 0


def add_intake(parsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the parsers of these commands."""
    _add_loads(parsers.add_parser("loads", help="what was loaded, newest first, and what became of it"))
    _add_withdraw(parsers.add_parser("withdraw", help="take a load out, as if it had never come"))
    _add_rejects(parsers.add_parser("rejects", help="write rejected rows to a CSV file, to be mended, or dismiss them"))
    _add_replay(parsers.add_parser("replay", help="put mended rejects back in"))


def _add_loads(parser: ArgumentParser) -> None:
    parser.add_argument("--all", action="store_true", help="with versions that were replaced or withdrawn")


def _add_withdraw(parser: ArgumentParser) -> None:
    parser.add_argument("load", metavar="LOAD", help="id of the load, as `microseg loads` shows it")
    parser.add_argument("--reason", default="", metavar="TEXT", help="kept in the ledger")
    parser.add_argument("--undo", action="store_true", help="let a withdrawn load come back with the next run")


def _add_rejects(parser: ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--out", type=Path, metavar="FILE", help="CSV file to write")
    what.add_argument("--dismiss", action="store_true", help="give them up for good: they wait no more")
    parser.add_argument("--reason", default="", help="only rows rejected for this, for example future_date")
    parser.add_argument("--load", default="", help="only rows of this load")


def _add_replay(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, nargs="?", help="mended CSV; default: try all waiting rejects again")


commands: dict[str, Callable[[Namespace], int]] = {
    "loads": loads,
    "rejects": rejects,
    "replay": replay,
    "withdraw": withdraw,
}
