"""The command line. Heavy imports stay inside the commands that need them."""

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from flows.commands import commands
from flows.commands_about import Versions, add_completion
from flows.commands_contract import add_contract
from flows.commands_intake import add_intake
from flows.commands_operations import add_operations
from flows.commands_reference import add_reference
from flows.commands_report import add_report
from flows.commands_verify import add_verify
from flows.crashes import report_crash, wants_trace
from flows.display import display
from flows.terminal import day
from tasks.operation.watching import watched_by
from warehouse.errors import MicrosegError
from warehouse.settings import Settings
from warehouse.space import lack_of_space

# Those that show how far they are.
LONG = (
    "run",
    "status",
    "backfill",
    "retrain",
    "rollback",
    "promote",
    "study",
    "verify",
    "maintain",
    "reference",
    "explain",
    "report",
    "withdraw",
    "rejects",
    "replay",
    "simulate",
)
WITH_JSON = ("run", "status", "backfill", "explain")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; an error is one line on stderr and exit code 1, also one that nobody foresaw."""
    options = build_parser().parse_args(arguments)
    os.umask(0o077)  # until the settings are read, which may let the group in
    try:
        with nullcontext() if getattr(options, "quiet", False) else watched_by(display()):
            return int(commands[options.command](options) or 0)
    except MicrosegError as error:
        return _failed(error)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # a pager was closed; nothing is wrong
        return 0
    except KeyboardInterrupt:
        sys.stderr.write("microseg: stopped; run the same command again to continue\n")
        return 130
    except Exception as error:  # noqa: BLE001 - told in one line, kept in a file
        return _unforeseen(error)


def _unforeseen(error: Exception) -> int:
    # Outside of the warehouse, too, much is written: reports, exports, simulated banks.
    if full := _lack_of_space(error):
        return _failed(full)
    if wants_trace():
        raise error
    return _failed(report_crash(error))


def _lack_of_space(error: Exception) -> MicrosegError | None:
    try:
        return lack_of_space(Settings(), error)
    except MicrosegError:  # a setting cannot be read; that is not what went wrong
        return None


def _failed(error: MicrosegError | str) -> int:
    sys.stderr.write(f"microseg: {error}\n")
    return 1


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(prog="microseg", description="Explainable customer micro-segments for banks.")
    parser.add_argument("--version", action=Versions, help="show the versions of microseg, DuckDB and DuckLake")
    commands_ = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_run(commands_.add_parser("run", help="load, aggregate, validate and segment up to one business date"))
    _add_query(commands_.add_parser("query", help="run SQL on the warehouse, read-only"))
    add_operations(commands_)
    add_verify(commands_.add_parser("verify", help="compare the data files with what they were; 1 if any is damaged"))
    commands_.add_parser("maintain", help="let go of old daily rows, merge small files, remove old snapshots and files")
    add_reference(commands_.add_parser("reference", help="show what a changed reference set would change"))
    _add_explain(commands_.add_parser("explain", help="explain why a customer is in a segment"))
    add_report(commands_.add_parser("report", help="the report of a release as a page, or the page of one customer"))
    add_contract(commands_)
    add_intake(commands_)
    _add_simulate(commands_.add_parser("simulate", help="write the transactions of a simulated bank as Parquet"))
    add_completion(commands_.add_parser("completion", help="print what makes a shell complete commands and options"))
    for name in LONG:
        told = "the result or the error alone, no progress"
        commands_.choices[name].add_argument("--quiet", action="store_true", help=told)
    for name in WITH_JSON:
        told = "the result as one JSON document (docs/operations.md)"
        commands_.choices[name].add_argument("--json", action="store_true", help=told)
    return parser


def _add_run(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--sample", action="store_true", help="use real purchases of 2,469 households (Complete Journey)")
    what.add_argument("--source", help="path, glob, s3:// glob, or PostgreSQL address; default MICROSEG_SOURCE")
    parser.add_argument("--query", default="", help="the SELECT of a PostgreSQL source")
    parser.add_argument("--reference", help="name or directory of the reference set; default MICROSEG_REFERENCE")
    parser.add_argument("--as-of", type=day, help="business date, e.g. 2026-01-31; default: today")


def _add_query(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sql", help='for example: "FROM spend.monthly LIMIT 5"')
    parser.add_argument("--format", choices=("table", "csv", "json"), default="table")
    parser.add_argument("--at", type=day, metavar="DATE", help="answer from published.* as it was published at a date")


def _add_explain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("customer_id", help="the bank's own identifier of the customer")


def _add_simulate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--customers", type=int, default=1000, help="number of customers; default 1000")
    parser.add_argument("--years", type=int, default=6, help="years of transactions; default 6")
    parser.add_argument("--seed", type=int, default=0, help="random seed; default 0")
    parser.add_argument("--out", type=Path, required=True, help="directory to write to")
    parser.add_argument("--dirty", action="store_true", help="add bad rows of every kind")
