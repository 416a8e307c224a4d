"""The expectation types of our own; importing this module imports Great Expectations, which takes seconds."""

from typing import Any, ClassVar

from great_expectations.compatibility import pydantic
from great_expectations.expectations import UnexpectedRowsExpectation
from great_expectations.expectations.expectation import BatchExpectation

from expectations.lake_engine import REPEATED, ROWS_WHERE


class ExpectNoRows(UnexpectedRowsExpectation):  # type: ignore[misc]
    """Expect that a query returns nothing, and count what it returns.

    The type it extends runs its query twice, once to fetch the rows; a row may name a person, so none leaves the
    engine here. The query reads the view `batch`, so Great Expectations need not put the batch into its text.
    """

    metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.row_count",)

    @pydantic.validator("unexpected_rows_query")  # type: ignore[untyped-decorator]
    def _validate_query(cls, text: str) -> str:  # noqa: N805
        return text

    def _validate(self, metrics: dict[str, Any], **_: Any) -> dict[str, Any]:
        return none_of(metrics["unexpected_rows_query.row_count"])


class ExpectNoRowsWhere(BatchExpectation):  # type: ignore[misc]
    """Expect that a condition holds for no row."""

    condition: str
    metric_dependencies: ClassVar[tuple[str, ...]] = (ROWS_WHERE,)
    success_keys: ClassVar[tuple[str, ...]] = ("condition",)

    def _validate(self, metrics: dict[str, Any], **_: Any) -> dict[str, Any]:
        return none_of(metrics[ROWS_WHERE])


class ExpectUniqueKeys(BatchExpectation):  # type: ignore[misc]
    """Expect each combination of columns once."""

    columns: list[str]
    metric_dependencies: ClassVar[tuple[str, ...]] = (REPEATED,)
    success_keys: ClassVar[tuple[str, ...]] = ("columns",)

    def _validate(self, metrics: dict[str, Any], **_: Any) -> dict[str, Any]:
        return none_of(metrics[REPEATED])


def none_of(count: Any) -> dict[str, Any]:
    """Return the result of an expectation that holds when nothing was counted."""
    return {"success": int(count) == 0, "result": {"observed_value": int(count)}}
