"""What microseg says of itself: its versions, and how a shell completes its commands and options."""

import argparse
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from flows.terminal import say

PACKAGES = {"microseg": "microseg", "duckdb": "duckdb", "ducklake": "duckdb-extension-ducklake"}
SHELLS = ("bash", "zsh", "tcsh")


class Versions(argparse.Action):
    """Prints the versions of microseg, DuckDB and DuckLake's extension, and ends."""

    def __init__(self, option_strings: list[str], dest: str, help: str) -> None:  # noqa: A002 - argparse calls it so
        """Take no value."""
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        """Print and end."""
        for name, package in PACKAGES.items():
            say(f"{name} {_version(package)}")
        parser.exit()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"  # a source tree that was never installed


def completion(options: argparse.Namespace) -> int:
    """Print a script for a shell; it is made from the parser, so that it knows every command and option."""
    import shtab

    from flows.cli import build_parser

    parser = build_parser()
    for action in _actions(parser):
        if action.type is Path or action.dest == "source":
            action.complete = shtab.FILE  # type: ignore[attr-defined]  # where shtab looks for it
    say(shtab.complete(parser, shell=options.shell))
    return 0


def _actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Return the arguments of a parser and of all commands below it."""
    own = list(parser._actions)
    below = [action.choices for action in own if isinstance(action, argparse._SubParsersAction)]
    return own + [action for choices in below for one in choices.values() for action in _actions(one)]


def add_completion(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("shell", choices=SHELLS, help="the shell that is to complete")
