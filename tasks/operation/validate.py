"""Validate: the gates between the layers, each a Great Expectations suite; a closed gate stops the run."""

from collections.abc import Sequence
from datetime import date

from expectations import raw_transactions, spend_by_period, spend_monthly
from expectations.engine import validate
from expectations.months import unvalidated_months
from expectations.suite import Suite
from expectations.verdict import Verdict, enforce, record
from tasks.operation.provenance import inputs_hash, is_current
from tasks.operation.provenance import record as record_provenance
from warehouse.connection import connect, in_transaction
from warehouse.reference.sets import ReferenceSet
from warehouse.settings import Settings


def spending_suites(settings: Settings, reference: ReferenceSet, as_of: date, received_on: date) -> list[Suite]:
    """Return the suites of the layers from raw rows to periods, for the months that no gate has seen yet.

    Args:
        settings: Settings of the warehouse.
        reference: Bounds of the contract.
        as_of: Business date of the run.
        received_on: Last possible booking date.
    """
    with connect(settings, read_only=True) as connection:
        raw = unvalidated_months(connection, raw_transactions.NAME)
        monthly = unvalidated_months(connection, spend_monthly.NAME)
    contract = reference.source
    return [
        raw_transactions.suite(raw, contract.earliest, received_on, contract.maximum),
        spend_monthly.suite(monthly),
        spend_by_period.suite(as_of),
    ]


def pass_gates(settings: Settings, suites: Sequence[Suite], stage: str, as_of: date, run_id: str) -> list[Verdict]:
    """Run suites in order, record each verdict, and stop at the first gate that closes.

    Args:
        settings: Settings of the warehouse.
        suites: What must hold.
        stage: Name under which the passing is remembered.
        as_of: Business date of the run.
        run_id: The run.

    Returns:
        The verdicts; none when these very inputs have passed before.

    Raises:
        GateError: A critical expectation failed, or one could not be evaluated.
    """
    with connect(settings, read_only=True) as connection:
        inputs = inputs_hash(connection)
        if is_current(connection, as_of, stage, inputs):
            return []
    verdicts = []
    for suite in suites:
        verdict = validate(settings, suite, as_of, run_id)
        verdicts.append(verdict)
        _write(settings, verdict, run_id, as_of)
        enforce(verdict)
    with connect(settings) as connection:
        in_transaction(connection, lambda: record_provenance(connection, as_of, stage, inputs, run_id))
    return verdicts


def _write(settings: Settings, verdict: Verdict, run_id: str, as_of: date) -> None:
    with connect(settings) as connection:
        in_transaction(connection, lambda: record(connection, verdict, run_id, as_of), settings.commit_attempts)
