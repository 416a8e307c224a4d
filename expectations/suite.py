"""What a gate expects of one table, as plain data; Great Expectations' own objects are made when a suite runs."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from warehouse.queries import query

Severity = Literal["critical", "warning"]
BATCH = "batch"
# Kinds of our own: a query that must return nothing, a condition that must hold for no row, keys that must not repeat.
NO_ROWS, ROWS_WHERE, UNIQUE = "no_rows", "rows_where", "unique"
COUNTED = frozenset((NO_ROWS, ROWS_WHERE, UNIQUE))
_CONDITION = re.compile(r"^SELECT \w+\s+FROM batch\s+WHERE\s+(?P<condition>.+)\Z", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Expectation:
    """One expectation.

    Attributes:
        name: How verdicts call it; with `column` unique within a suite.
        kind: Great Expectations' type in snake case, or one of `COUNTED`.
        column: The column it speaks of; None for the whole batch.
        severity: critical stops the run before publishing, warning is recorded and shown.
        arguments: Arguments of the type.
        description: One sentence for the reader of the report; empty: the type explains itself.
    """

    name: str
    kind: str
    column: str | None = None
    severity: Severity = "critical"
    arguments: Mapping[str, object] = field(default_factory=dict)
    description: str = ""


@dataclass(frozen=True)
class Suite:
    """All expectations of one table.

    Attributes:
        name: Name in verdicts and reports.
        table: The table, with its schema.
        batch: SELECT of the rows under test; it becomes the temporary view `batch`, which the rules query.
        expectations: What must hold.
    """

    name: str
    table: str
    batch: str
    expectations: tuple[Expectation, ...]


def not_null(*columns: str, severity: Severity = "critical") -> tuple[Expectation, ...]:
    """Expect a value in every row of each column."""
    return tuple(Expectation("not_null", "expect_column_values_to_not_be_null", name, severity) for name in columns)


def in_set(column: str, values: Sequence[str], severity: Severity = "critical") -> Expectation:
    """Expect only the listed values; null passes."""
    return Expectation("in_set", "expect_column_values_to_be_in_set", column, severity, {"value_set": list(values)})


def rarely_in_set(column: str, values: Sequence[str], limit: float, severity: Severity) -> Expectation:
    """Expect the listed values in at most the share `limit` of the rows.

    Args:
        column: The column.
        values: Those that are expected to be rare.
        limit: Their share of the rows at most, 0 to 1.
        severity: critical stops the run, warning is shown.
    """
    arguments = {"value_set": list(values), "mostly": 1 - limit}
    return Expectation("rarely_in_set", "expect_column_values_to_not_be_in_set", column, severity, arguments)


def between(
    column: str,
    low: float | date | None,
    high: float | date | None,
    severity: Severity = "critical",
    exclusive: Literal["", "low", "both"] = "",
) -> Expectation:
    """Expect every value within bounds; null passes, NaN does not when there is an upper bound.

    Args:
        column: The column.
        low: Lower bound, None for none.
        high: Upper bound, None for none.
        severity: What a value outside means for the run.
        exclusive: Which of the bounds itself is outside.
    """
    arguments: dict[str, object] = {"min_value": low, "max_value": high}
    if exclusive:
        arguments["strict_min"] = True
    if exclusive == "both":
        arguments["strict_max"] = True
    return Expectation("between", "expect_column_values_to_be_between", column, severity, arguments)


def not_empty() -> Expectation:
    """Expect at least one row: a stage that wrote nothing must not look like one that wrote no fault."""
    return Expectation("not_empty", "expect_table_row_count_to_be_between", arguments={"min_value": 1})


def no_rows(
    name: str, rule: str, description: str, severity: Severity = "critical", column: str | None = None, **values: str
) -> Expectation:
    """Expect that a query of `sql/expectations/` finds no failing row.

    Args:
        name: Name of the expectation.
        rule: File below `sql/expectations/`, without the ending.
        description: One sentence that holds when the query finds nothing.
        severity: What a failing row means for the run.
        column: The column it speaks of, if it is one.
        **values: SQL text for the placeholders of the file.
    """
    arguments = {"query": query(f"expectations/{rule}").format(**values)}
    return Expectation(name, NO_ROWS, column, severity, arguments, description)


def rows_where(
    name: str, rule: str, description: str, severity: Severity = "critical", column: str | None = None, **values: str
) -> Expectation:
    """Expect that a query of `sql/expectations/` finds no failing row, where it judges each row by itself.

    Its condition is counted together with all other conditions, in one scan of the batch.

    Args:
        name: Name of the expectation.
        rule: File below `sql/expectations/`, without the ending: a column FROM batch WHERE the row fails, nothing else.
        description: One sentence that holds when the query finds nothing.
        severity: What a failing row means for the run.
        column: The column it speaks of, if it is one.
        **values: SQL text for the placeholders of the file.

    Raises:
        ValueError: The file is of another form.
    """
    matched = _CONDITION.search(query(f"expectations/{rule}").format(**values))
    if not matched:
        raise ValueError(f"sql/expectations/{rule}.sql is not a column FROM batch WHERE a condition")
    return Expectation(name, ROWS_WHERE, column, severity, {"condition": matched["condition"].strip()}, description)


def unique(*columns: str) -> Expectation:
    """Expect each combination of the columns once; null counts as a value."""
    listed = ", ".join(columns)
    return Expectation(
        "unique", UNIQUE, listed, arguments={"columns": list(columns)}, description=f"Each {listed} occurs once."
    )
