"""What `microseg contract` and `microseg attach` do: what readers are promised, and their way in."""

from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from flows.terminal import say

if TYPE_CHECKING:
    from expectations.contract import Contract
    from expectations.contract_diff import Change


def contract(options: Namespace) -> int:
    """Compare contracts, or print what they say."""
    return _diff(options) if options.action == "diff" else _docs(options)


def _diff(options: Namespace) -> int:
    """Print what changed; 1 when something breaks readers and no new version of the view is made for it."""
    from expectations.contract import read_contracts

    old, new = read_contracts(options.old), read_contracts(options.new)
    changes, allowed = _changes(old, new, options.new.is_dir())
    for change in sorted(changes, key=lambda one: not one.breaking):
        say(f"{'breaking' if change.breaking else 'additive'}: {change.view}: {change.what}")
    breaking = sum(change.breaking for change in changes)
    verdict = "nothing changed" if not changes else f"{len(changes)} changes, {breaking} of them breaking"
    if breaking:
        verdict += f"; {allowed or 'make a view of the next version for them, and leave this one as it is'}"
    say(verdict)
    return int(bool(breaking) and not allowed)


def _changes(old: "Sequence[Contract]", new: "Sequence[Contract]", whole: bool) -> "tuple[list[Change], str]":
    """Return the changes, and why they may break readers where they may."""
    from expectations.contract import version_of
    from expectations.contract_diff import changes_of, compare

    if whole or len(old) != 1 or old[0].view == new[0].view:
        return compare(old, new), ""
    (before, earlier), (after, later) = version_of(old[0].view), version_of(new[0].view)
    if before != after or earlier >= later:
        return compare(old, new), ""
    return changes_of(old[0], new[0]), f"{new[0].view} is a new version of {old[0].view}, whose readers keep theirs"


def _docs(options: Namespace) -> int:
    """Print the data dictionary, or write it to a file."""
    from expectations.contract import contracts
    from expectations.dictionary import dictionary

    return _give(dictionary(contracts()), options.out)


def attach(options: Namespace) -> int:
    """Print the SQL that attaches the warehouse for reading, or write it to a file."""
    from warehouse.attach_script import attach_script
    from warehouse.settings import Settings

    return _give(attach_script(Settings()), options.out)


def _give(text: str, out: Path | None) -> int:
    from warehouse.files import write_text

    if out:
        write_text(out, text)
    else:
        say(text.rstrip("\n"))
    return 0


def add_contract(parsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the parsers of these commands."""
    attaching = parsers.add_parser("attach", help="print the SQL that attaches the warehouse to any DuckDB, read-only")
    attaching.add_argument("--out", type=Path, help="file to write it to")
    parser = parsers.add_parser("contract", help="compare contracts of published views, or print the data dictionary")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    diff = actions.add_parser("diff", help="tell breaking changes from additive ones; exit code 1 if any is breaking")
    diff.add_argument("old", type=Path, metavar="OLD", help="a contract, or a folder of them")
    diff.add_argument("new", type=Path, metavar="NEW", help="what it is to be compared with")
    docs = actions.add_parser("docs", help="print the data dictionary, in Markdown")
    docs.add_argument("--out", type=Path, help="file to write it to")


commands: dict[str, Callable[[Namespace], int]] = {"attach": attach, "contract": contract}
