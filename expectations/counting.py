"""The one expectation type of our own; importing this module imports Great Expectations, which takes seconds."""

from typing import Any, ClassVar

from great_expectations.compatibility import pydantic
from great_expectations.expectations import UnexpectedRowsExpectation


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
        count = int(metrics["unexpected_rows_query.row_count"])
        return {"success": count == 0, "result": {"observed_value": count}}
