"""What each command of the command line does."""

import os
import sys
from argparse import Namespace
from collections.abc import Callable
from datetime import date

from warehouse.connection import connect
from warehouse.settings import Settings


def say(text: str = "") -> None:
    """Print one line for the user."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def run(options: Namespace) -> int:
    """Run the nightly flow in this process, with a temporary Prefect server when none is configured."""
    _quiet_prefect()
    from tasks.sample import SAMPLE_AS_OF, write_sample

    as_of = options.as_of
    if options.sample:
        os.environ["MICROSEG_REFERENCE"] = "complete_journey"
        os.environ["MICROSEG_SOURCE"] = str(write_sample(Settings()))
        as_of = as_of or date.fromisoformat(SAMPLE_AS_OF)
    for name in ("source", "reference", "query"):
        if value := getattr(options, name):
            os.environ[f"MICROSEG_{'SOURCE_QUERY' if name == 'query' else name.upper()}"] = value
    say("starting Prefect ...")
    from flows.nightly import nightly
    from tasks.summarize import render_text, stage_table

    summary, stages = nightly(as_of)
    for table in (*summary.tables, stage_table(stages)):
        say("\n" + render_text(table))
    say(f"\n{summary.headline}")
    say(f'Warehouse: {Settings().home}; look inside with: microseg query "FROM spend.by_period LIMIT 5"')
    return 0


def _quiet_prefect() -> None:
    defaults = {
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",  # no telemetry, and no failed call on machines without internet
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",  # its first start migrates its own database
        "PREFECT_LOGGING_LEVEL": "CRITICAL",  # an error reaches the user as one line, from main
        "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
    }
    for name, value in defaults.items():
        os.environ.setdefault(name, value)


def query(options: Namespace) -> int:
    """Run SQL on a read-only connection and print the result."""
    import duckdb

    from warehouse.errors import MicrosegError

    with connect(Settings(), read_only=True) as connection:
        try:
            result = connection.sql(options.sql)
            if result is not None:
                _print_result(result, options.format)
        except duckdb.Error as error:
            raise MicrosegError(str(error)) from error
    return 0


def _print_result(result: "duckdb.DuckDBPyRelation", form: str) -> None:  # type: ignore[name-defined]  # noqa: F821
    import csv
    import json

    if form == "table":
        result.show(max_width=200, max_rows=100)
    elif form == "csv":
        writer = csv.writer(sys.stdout)
        writer.writerow(result.columns)
        writer.writerows(result.fetchall())
    else:
        for row in result.fetchall():
            say(json.dumps(dict(zip(result.columns, row, strict=True)), default=str))


def simulate(options: Namespace) -> int:
    """Write a simulated bank."""
    from tasks.simulate import simulate as write_bank

    summary = write_bank(
        customers=options.customers, years=options.years, seed=options.seed, out=options.out, dirty=options.dirty
    )
    say(str(summary))
    return 0


commands: dict[str, Callable[[Namespace], int]] = {"run": run, "query": query, "simulate": simulate}
