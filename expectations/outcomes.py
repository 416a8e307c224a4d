"""Reads Great Expectations' results: what raised is told from what failed, and counts from values."""

import re
from typing import Any

from expectations.suite import COUNTED, Expectation, Suite
from expectations.verdict import Outcome, Result

# These name tables and columns; any other message of the engine may quote a value of a row.
_SAFE_MESSAGE = re.compile(
    r"(?:Binder|Catalog|Parser) Error: [^\n\[]*|The column \"?\w+\"? in BatchData does not exist"
)
_KIND_OF_ERROR = re.compile(r"\b\w+(?:Error|Exception|(?= Error:))\b")


def read_outcome(suite: Suite, expectation: Expectation, result: Any) -> Outcome:
    """Translate one result.

    Args:
        suite: The suite of the expectation.
        expectation: What was expected.
        result: Great Expectations' ExpectationValidationResult; of one that raised, the message is replaced by one
            that quotes no value, for the report.
    """
    messages = raised_messages(result.exception_info)
    if messages:
        observed = safe_message(messages[0])
        result.exception_info = {"raised_exception": True, "exception_message": observed, "exception_traceback": ""}
        return _outcome(suite, expectation, "error", observed, None)
    observed, unexpected = _observed(expectation, result.result)
    rows = _rows(expectation, result.result)
    return _outcome(suite, expectation, "passed" if result.success else "failed", observed, unexpected, rows)


def unreadable(suite: Suite, expectation: Expectation, error: Exception) -> Outcome:
    """Return the outcome of an expectation whose batch could not even be opened."""
    return _outcome(suite, expectation, "error", safe_message(str(error)), None)


def raised_messages(info: dict[str, Any]) -> list[str]:
    """Return what an expectation raised: its own exception, or one for each metric that it needs.

    >>> raised_messages({"raised_exception": False, "exception_message": None})
    []
    >>> raised_messages({"metric": {"raised_exception": True, "exception_message": "no"}})
    ['no']
    """
    entries = [info] if "raised_exception" in info else list(info.values())
    return [str(entry["exception_message"]) for entry in entries if entry["raised_exception"]]


def safe_message(text: str) -> str:
    """Return what a message says about tables and columns, else only what kind of error it was.

    >>> safe_message('(_duckdb.BinderException) Binder Error: no column "month"')
    'Binder Error: no column "month"'
    >>> safe_message("Conversion Error: Could not convert string 'C-17' to INT32")
    'could not be evaluated (Conversion)'
    """
    known = _SAFE_MESSAGE.search(text)
    if known:
        return known[0].strip()
    kind = _KIND_OF_ERROR.search(text)
    return f"could not be evaluated ({kind[0]})" if kind else "could not be evaluated"


def _observed(expectation: Expectation, result: dict[str, Any]) -> tuple[str, int]:
    if expectation.kind in COUNTED:
        count = int(result["observed_value"])
        return f"{count:,} rows break the rule", count
    if "observed_value" in result:
        return f"{int(result['observed_value']):,} rows in the batch", 0
    rows, unexpected = int(result["element_count"]), int(result["unexpected_count"] or 0)
    return f"{unexpected:,} of {rows:,} rows{f' ({unexpected / rows:.2%})' if rows else ''}", unexpected


def _rows(expectation: Expectation, result: dict[str, Any]) -> int | None:
    """Return how many rows were looked at; None where only those that break the rule are counted."""
    if expectation.kind in COUNTED:
        return None
    return int(result["observed_value"] if "observed_value" in result else result["element_count"])


def _outcome(
    suite: Suite, expectation: Expectation, outcome: Result, observed: str, count: int | None, rows: int | None = None
) -> Outcome:
    return Outcome(
        suite=suite.name,
        table=suite.table,
        expectation=expectation.name,
        column=expectation.column,
        severity=expectation.severity,
        outcome=outcome,
        observed=observed,
        unexpected_count=count,
        rows=rows,
    )
