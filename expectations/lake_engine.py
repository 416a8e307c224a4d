"""Great Expectations' execution engine on the lake, and what it measures in a way of its own.

Importing this module imports Great Expectations, which takes seconds.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
from duckdb_sqlalchemy import ConnectionWrapper
from great_expectations.compatibility.sqlalchemy import sqlalchemy
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.core.metric_function_types import MetricFunctionTypes, MetricPartialFunctionTypes
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.metrics.metric_provider import MetricProvider, metric_partial, metric_value
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider
from great_expectations.expectations.registry import get_metric_kwargs, register_metric
from great_expectations.validator.validator import Validator
from sqlalchemy import create_engine, event
from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy

from expectations.elsewhere import ROW_COUNT, Ask, Counts, Question
from expectations.repeated import count_repeated
from expectations.suite import BATCH

ROWS_WHERE, REPEATED = "batch.rows_where", "batch.repeated_keys"


class LakeEngine(SqlAlchemyExecutionEngine):  # type: ignore[misc]
    """Evaluates on the reader that holds the batch.

    Attributes:
        lake: The reader.
        ask: Answers questions that others can answer; None: nobody does.
    """

    def __init__(self, lake: duckdb.DuckDBPyConnection, ask: Ask | None = None) -> None:
        """Let SQLAlchemy connect to a reader that is open already."""
        self.lake, self.ask = lake, ask
        super().__init__(engine=_listening(lake))

    def answered(self, question: Question) -> Counts | None:
        """Return what others counted; None where it is to be counted here."""
        return self.ask(question) if self.ask else None

    def execute_query(self, query: Any) -> Any:
        """Run a statement, or return the row of counts that others gave in answer to it."""
        if self.ask and (counts := self.ask(_question(query, self.engine.dialect))):
            listed = ", ".join("NULL" if count is None else str(count) for count in counts)
            query = sqlalchemy.text(f"SELECT {listed}")
        return super().execute_query(query)

    def _process_direct_and_bundled_metric_computation_configurations(
        self, metric_fn_direct_configurations: list[Any], metric_fn_bundle_configurations: list[Any]
    ) -> dict[Any, Any]:
        """Let counts wait while anything else can be worked out, so that one statement counts them all in one scan.

        In one order, whatever order Great Expectations found, so that what is asked again is known again.
        """
        bundle = [] if metric_fn_direct_configurations else sorted(metric_fn_bundle_configurations, key=_metric)
        resolved: dict[Any, Any] = super()._process_direct_and_bundled_metric_computation_configurations(
            metric_fn_direct_configurations, bundle
        )
        return resolved


def _metric(computation: Any) -> str:
    return str(computation.metric_configuration.id)


def _question(query: Any, dialect: Any) -> Question:
    """Return a statement as Great Expectations makes it: a text counts what breaks a rule, a SELECT counts rows."""
    compiled = query.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    values = tuple(compiled.params[name] for name in compiled.positiontup or ())
    if isinstance(query, sqlalchemy.TextClause):
        return Question("failing", compiled.string, values)
    return Question("rows", compiled.string, values, len(query.selected_columns))


@contextmanager
def engine_of(lake: duckdb.DuckDBPyConnection, ask: Ask | None = None) -> Iterator[LakeEngine]:
    """Evaluate on a reader for the length of a ``with`` block; the reader stays open."""
    engine = LakeEngine(lake, ask)
    try:
        yield engine
    finally:
        engine.engine.dispose()


def _listening(lake: duckdb.DuckDBPyConnection) -> Any:
    engine = create_engine("duckdb:///:memory:")
    event.listen(engine, "do_connect", lambda *_: ConnectionWrapper(lake))
    event.listen(engine, "after_cursor_execute", _keep_rows)
    return engine


def _keep_rows(_connection: Any, cursor: Any, _sql: str, _values: Any, context: Any, _many: bool) -> None:
    """Buffer a result: Great Expectations reads it after it has closed the connection."""
    if cursor.description:
        context.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(
            cursor, alternate_description=cursor.description, initial_buffer=cursor.fetchall()
        )


class BatchColumns(TableMetricProvider):  # type: ignore[misc]
    """The columns of the batch; SQLAlchemy's reflection would read all that the catalog knows, keys included."""

    metric_name = "table.column_types"
    value_keys = ("include_nested",)
    default_kwarg_values = {"include_nested": True}  # noqa: RUF012 - as its base class has it

    @metric_value(engine=LakeEngine)  # type: ignore[untyped-decorator]
    def _lake(cls, execution_engine: LakeEngine, **_: Any) -> list[dict[str, str]]:  # noqa: N805
        described = execution_engine.lake.execute(f"DESCRIBE {BATCH}").fetchall()
        return [{"name": name, "type": kind} for name, kind, *_ in described]


class RowCount(TableMetricProvider):  # type: ignore[misc]
    """The rows of the batch, by a statement of its own: Great Expectations asks for no column before it knows them."""

    metric_name = "table.row_count"

    @metric_value(engine=LakeEngine)  # type: ignore[untyped-decorator]
    def _lake(cls, execution_engine: LakeEngine, **_: Any) -> int:  # noqa: N805
        counts = execution_engine.answered(ROW_COUNT)
        return int((counts or execution_engine.lake.execute(ROW_COUNT.text).fetchall()[0])[0] or 0)


class RowsWhere(TableMetricProvider):  # type: ignore[misc]
    """The rows for which a condition holds, counted in the scan that counts all else."""

    metric_name = ROWS_WHERE
    value_keys = ("condition",)

    @metric_partial(  # type: ignore[untyped-decorator]
        engine=LakeEngine,
        partial_fn_type=MetricPartialFunctionTypes.AGGREGATE_FN,
        domain_type=MetricDomainTypes.TABLE,
    )
    def _lake(
        cls,  # noqa: N805
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        **_: Any,
    ) -> tuple[Any, dict[str, Any], dict[str, Any]]:
        condition = metric_value_kwargs["condition"]
        counted = sqlalchemy.literal_column(f"count(*) FILTER (WHERE {condition})")
        return counted, metric_domain_kwargs, {}


class RepeatedKeys(TableMetricProvider):  # type: ignore[misc]
    """The keys that occur more than once."""

    metric_name = REPEATED
    value_keys = ("columns",)

    @metric_value(engine=LakeEngine)  # type: ignore[untyped-decorator]
    def _lake(cls, execution_engine: LakeEngine, metric_value_kwargs: dict[str, Any], **_: Any) -> int:  # noqa: N805
        columns = metric_value_kwargs["columns"]
        counts = execution_engine.answered(Question("repeated", "", tuple(columns)))
        return int(counts[0] or 0) if counts else count_repeated(execution_engine.lake, columns)


class QuietValidator(Validator):  # type: ignore[misc]
    """Draws no progress bars."""

    def _determine_progress_bars(self) -> bool:
        return False


def _no_values(**_: Any) -> list[object]:
    return []


# Great Expectations would fetch examples of failing values, by a statement each, and drop them.
for _kind in ("nonnull", "between", "in_set", "not_in_set"):
    _name = f"column_values.{_kind}.unexpected_values"
    register_metric(
        metric_name=_name,
        **get_metric_kwargs(_name),
        execution_engine=LakeEngine,
        metric_class=MetricProvider,
        metric_provider=_no_values,
        metric_fn_type=MetricFunctionTypes.VALUE,
    )
