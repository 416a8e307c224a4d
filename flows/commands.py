"""What each command of the command line does."""

import os
import sys
from argparse import Namespace
from collections.abc import Callable
from datetime import date

from flows import commands_operations as operations
from flows.terminal import progress, quiet_prefect, say
from warehouse.connection import connect
from warehouse.settings import Settings


def run(options: Namespace) -> int:
    """Run the nightly flow in this process, with a temporary Prefect server when none is configured."""
    quiet_prefect()
    from tasks.intake.sample import SAMPLE_AS_OF, write_sample

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
    from tasks.operation.tables import render_text
    from tasks.publishing.summarize import stage_table

    summary, stages = nightly(as_of)
    for table in (*summary.tables, stage_table(stages)):
        say("\n" + render_text(table))
    if options.sample:  # public data; a bank's customers are never printed unasked
        _explain_one(Settings())
    say(f"\n{summary.headline}")
    say(f"Parquet:   {Settings().home}/exports/latest/*.parquet")
    say(f'Warehouse: {Settings().home}; look inside with: microseg query "FROM segments.summary"')
    return 0


def _explain_one(settings: Settings) -> None:
    """Explain the customer who lies deepest inside one of the deepest segments."""
    from tasks.publishing.explain import explain_customer, sentences
    from warehouse.queries import query as text_of

    with connect(settings, read_only=True) as connection:
        row = connection.execute(text_of("segments/select_example")).fetchone()
    if row is not None:
        say(f"\nOne customer (microseg explain {row[0]})")
        for line in sentences(explain_customer(settings, str(row[0]))):
            say(line)


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


def explain(options: Namespace) -> int:
    """Print why a customer is in the published segment."""
    from tasks.publishing.explain import explain_customer, sentences

    for line in sentences(explain_customer(Settings(), options.customer_id)):
        say(line)
    return 0


def rejects(options: Namespace) -> int:
    """Write the rows that wait in the quarantine to a CSV file."""
    from tasks.intake.replay import write_rejects
    from warehouse.reference.sets import load_reference

    settings = Settings()
    rows = write_rejects(settings, load_reference(_held_reference(settings)).source, options.out)
    say(f"{rows:,} rejected rows in {options.out}; mend them there, then: microseg replay {options.out}")
    return 0


def replay(options: Namespace) -> int:
    """Put mended rejects back in."""
    from uuid import uuid4

    from flows.business_date import today
    from tasks.intake.ingest import LoadContext
    from tasks.intake.replay import replay as put_back
    from warehouse.reference.sets import load_reference

    settings = Settings()
    reference = load_reference(_held_reference(settings))
    done = put_back(LoadContext(settings, reference, uuid4().hex[:16], today(settings)), options.file)
    say(f"{done.accepted:,} rows put back, {done.duplicate:,} duplicates, {done.rejected:,} still rejected")
    if done.accepted:
        say("The next `microseg run` refreshes their months.")
    return 0


def _held_reference(settings: Settings) -> str:
    """Return the reference set to read by: the shipped set that the warehouse holds, else the configured one."""
    from warehouse.reference.sets import SHIPPED

    with connect(settings, read_only=True) as connection:
        row = connection.execute("SELECT reference FROM ref.sets").fetchone()
    held = str(row[0]) if row else settings.reference
    return held if (SHIPPED / held).is_dir() else settings.reference


def simulate(options: Namespace) -> int:
    """Write a simulated bank."""
    from tasks.simulator.simulate import simulate as write_bank

    done = write_bank(
        options.customers, options.years, options.seed, options.out, dirty=options.dirty, progress=progress("month")
    )
    say(
        f"{done.rows:,} simulated transactions of {done.customers:,} customers, {done.first_month:%Y-%m} to "
        f"{done.last_month:%Y-%m}, in {done.files} files of {done.out} ({done.seconds:.0f} s)"
    )
    if done.dirty_rows:
        say(f"{done.dirty_rows:,} bad rows are among them; their kinds are counted in {done.out}/truth/dirty.json")
    return 0


commands: dict[str, Callable[[Namespace], int]] = operations.commands | {
    "explain": explain,
    "query": query,
    "rejects": rejects,
    "replay": replay,
    "run": run,
    "simulate": simulate,
}
