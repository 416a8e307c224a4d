"""What each command of the command line does."""

import os
from argparse import Namespace
from collections.abc import Callable

from flows import commands_contract as contracts
from flows import commands_intake as intake
from flows import commands_operations as operations
from flows.commands_about import completion
from flows.commands_maintain import maintain
from flows.commands_reference import reference
from flows.commands_report import report
from flows.commands_verify import verify
from flows.documents import explanation_document, run_document
from flows.query import query
from flows.sample import set_up_sample
from flows.temporary_server import with_prefect
from flows.terminal import say, say_json, say_prose, show
from tasks.operation.watching import counting, under_way
from warehouse.connection import connect
from warehouse.errors import MicrosegError
from warehouse.settings import Settings


def run(options: Namespace) -> int:
    """Run the nightly flow in this process, with a temporary Prefect server when none is configured."""
    from warehouse.sources.discovery import holds_password

    if holds_password(options.source or ""):
        raise MicrosegError(
            "a password in --source can be seen by everybody on this machine: set MICROSEG_SOURCE to the address, or "
            "leave the password to PGPASSWORD or ~/.pgpass"
        )
    return _run(options)


@with_prefect("flows.nightly", "nightly")
def _run(options: Namespace) -> int:
    as_of = options.as_of
    if options.sample:
        sample_as_of = set_up_sample()
        as_of = as_of or sample_as_of
    for name in ("source", "reference", "query"):
        if value := getattr(options, name):
            os.environ[f"MICROSEG_{'SOURCE_QUERY' if name == 'query' else name.upper()}"] = value
    from flows.nightly import nightly
    from tasks.publishing.summarize import stage_table

    summary, stages = nightly(as_of)
    if options.json:
        say_json(run_document(Settings(), summary, stages))
        return 0
    for table in () if options.quiet else (*summary.tables, stage_table(stages)):
        say()
        show(table)
    if options.sample and not options.quiet:  # public data; a bank's customers are never printed unasked
        _explain_one(Settings())
    if not options.quiet:
        say()
    say_prose(summary.headline)
    say(f"Report:    {Settings().home}/reports/latest/index.html (microseg report opens it)")
    say(f"Parquet:   {Settings().home}/latest/*.parquet")
    say(f'Warehouse: {Settings().home}; explore it with: microseg query "FROM segments.summary"')
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
            say_prose(line)


def explain(options: Namespace) -> int:
    """Print why a customer is in the published segment."""
    with under_way("explain"):
        from tasks.publishing.explain import explain_customer, sentences

        explanation = explain_customer(Settings(), options.customer_id)
    if options.json:
        say_json(explanation_document(explanation))
        return 0
    for line in sentences(explanation):
        say_prose(line)
    return 0


def simulate(options: Namespace) -> int:
    """Write a simulated bank."""
    from tasks.simulator.simulate import simulate as write_bank

    with under_way("simulate"):
        progress = counting("simulate", "Months written")
        done = write_bank(
            options.customers, options.years, options.seed, options.out, dirty=options.dirty, progress=progress
        )
    say(
        f"{done.rows:,} simulated transactions of {done.customers:,} customers, {done.first_month:%Y-%m} to "
        f"{done.last_month:%Y-%m}, in {done.files} files of {done.out} ({done.seconds:.0f} s)"
    )
    if done.dirty_rows:
        say(f"{done.dirty_rows:,} of them are bad rows, counted by kind in {done.out}/truth/dirty.json")
    return 0


commands: dict[str, Callable[[Namespace], int]] = (
    operations.commands
    | contracts.commands
    | intake.commands
    | {
        "completion": completion,
        "explain": explain,
        "maintain": maintain,
        "query": query,
        "reference": reference,
        "report": report,
        "run": run,
        "simulate": simulate,
        "verify": verify,
    }
)
