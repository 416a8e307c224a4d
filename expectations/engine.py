"""Runs a suite with Great Expectations, by SQL, on a read-only connection of its own."""

import logging
import os
from datetime import UTC, date, datetime
from threading import Lock
from typing import Any

import duckdb

from expectations.batch import reader_of
from expectations.docs import write_docs
from expectations.elsewhere import Ask, Elsewhere, RefusedError
from expectations.library import load
from expectations.outcomes import read_outcome, unreadable
from expectations.suite import BATCH, NO_ROWS, ROWS_WHERE, UNIQUE, Expectation, Suite
from expectations.verdict import Verdict
from warehouse.settings import Settings

# Counts only: no value of a row enters a result, so none can leave through a report.
RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0, "exclude_unexpected_values": True}
_ONE_AT_A_TIME = Lock()  # Great Expectations keeps globals of the process, and a suite may take what memory there is
_log = logging.getLogger(__name__)


def validate(
    settings: Settings,
    suite: Suite,
    as_of: date,
    run_id: str,
    docs: bool = True,
    elsewhere: Elsewhere | None = None,
) -> Verdict:
    """Evaluate every expectation of a suite; nothing in the warehouse is written.

    Args:
        settings: Settings of the warehouse.
        suite: What must hold.
        as_of: Business date of the run, shown in the report.
        run_id: The run, shown in the report.
        docs: Whether to write the suite's page of the Data Docs.
        elsewhere: Lets others answer what is asked of the rows; None: all is asked here.

    Returns:
        What came of each expectation, in the suite's order; one that raised is an error, never a pass or a failure.
    """
    from sqlalchemy.exc import SQLAlchemyError

    os.environ["GX_ANALYTICS_ENABLED"] = "false"

    def run(ask: Ask | None = None) -> Any:
        with _ONE_AT_A_TIME:
            return _run(settings, suite, run_id, ask)

    try:
        results = elsewhere(run) if elsewhere else run()
    except (duckdb.Error, SQLAlchemyError, RefusedError) as error:
        results, outcomes = None, tuple(unreadable(suite, expectation, error) for expectation in suite.expectations)
    else:
        places = {result.expectation_config.meta["place"]: result for result in results.results}
        outcomes = tuple(read_outcome(suite, e, places[place]) for place, e in enumerate(suite.expectations))
    verdict = Verdict(suite.name, suite.table, outcomes)
    if docs:
        _draw(settings, verdict, results, as_of, run_id)
    return verdict


def _draw(settings: Settings, verdict: Verdict, results: Any, as_of: date, run_id: str) -> None:
    """Write the page of a suite; the verdict stands whether or not its page can be drawn."""
    try:
        with _ONE_AT_A_TIME:
            write_docs(settings.home / "data_docs", verdict, results, as_of, run_id)
    except Exception as error:  # noqa: BLE001 - a page is for reading; the night goes on without it
        _log.warning("the Data Docs of %s could not be written (%s)", verdict.suite, type(error).__name__)


def run_name(run_id: str) -> str:
    """Return a run's name for Great Expectations, whose pages try to read a name as a date.

    A run id is hexadecimal, so one in a thousand looks like a number: 2205374872994211 is then a year too far away,
    and the page ends in an OverflowError. A word that no calendar has in front of it stops every date parser.

    >>> run_name("2205374872994211")
    'run-2205374872994211'
    """
    return f"run-{run_id}"


def _run(settings: Settings, suite: Suite, run_id: str, ask: Ask | None) -> Any:
    """Let Great Expectations evaluate a suite, without its context and stores: these would cost more than the suite."""
    load()
    import great_expectations as gx
    from great_expectations.core import ExpectationSuiteValidationResult
    from great_expectations.core.batch import Batch
    from great_expectations.execution_engine.sqlalchemy_batch_data import SqlAlchemyBatchData
    from great_expectations.validator.validation_statistics import calc_validation_statistics

    from expectations.lake_engine import QuietValidator, engine_of

    expectations = [_built(expectation, place) for place, expectation in enumerate(suite.expectations)]
    asked = gx.ExpectationSuite(name=suite.name, expectations=expectations).expectation_configurations
    with reader_of(settings, suite.batch, ask) as reader, engine_of(reader, ask) as engine:
        batch = Batch(data=SqlAlchemyBatchData(engine, table_name=BATCH, source_table_name=BATCH))
        validator = QuietValidator(execution_engine=engine, batches=[batch])
        results = validator.graph_validate(configurations=asked, runtime_configuration={"result_format": RESULT_FORMAT})
    counted = calc_validation_statistics(results)._asdict()
    run = gx.RunIdentifier(run_name=run_name(run_id), run_time=datetime.now(UTC))
    return ExpectationSuiteValidationResult(
        success=counted.pop("success"),
        results=results,
        suite_name=suite.name,
        statistics=counted,
        meta={
            "great_expectations_version": gx.__version__,
            "run_id": run,
            "batch_spec": {"data_asset_name": suite.table},
            "active_batch_definition": {"data_asset_name": suite.table},
        },
    )


def _built(expectation: Expectation, place: int) -> Any:
    from great_expectations.expectations.registry import get_expectation_impl

    from expectations import counting

    common: dict[str, object] = {"severity": expectation.severity, "meta": {"place": place}}
    if expectation.description:
        common["description"] = f"{expectation.name}: {expectation.description}"
    if expectation.kind == NO_ROWS:
        return counting.ExpectNoRows(unexpected_rows_query=expectation.arguments["query"], **common)
    if expectation.kind == ROWS_WHERE:
        return counting.ExpectNoRowsWhere(**expectation.arguments, **common)
    if expectation.kind == UNIQUE:
        return counting.ExpectUniqueKeys(**expectation.arguments, **common)
    if expectation.column:
        common["column"] = expectation.column
    return get_expectation_impl(expectation.kind)(**expectation.arguments, **common)
