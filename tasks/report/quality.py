"""Quality: what came in, what was refused, what the gates said, and how much of the spending carries a coefficient."""

from collections.abc import Mapping
from typing import cast

from model.rounded import count_within
from tasks.report.content_beside import Covered, Gate, Quality
from tasks.report.context import Context
from warehouse.queries import query


def read_quality(context: Context) -> Quality:
    """Return what came in and what was refused, as it stands; feeds and gates as a run for this date found them."""
    connection = context.connection
    _, rows, _, _, loads, _, _ = connection.execute(query("ops/summarize_rows")).fetchall()[0]
    return Quality(
        rows=rows,
        loads=loads,
        rejected=connection.execute(query("ops/summarize_rejects")).fetchall(),
        feeds=cast("list[tuple[str, str, str, str]]", context.rows("select_feeds", as_of=context.as_of)),
        gates=[Gate(*row) for row in context.rows("select_gates", as_of=context.as_of)],  # type: ignore[arg-type]
    )


def read_coverage(context: Context, customers: int) -> list[Covered]:
    """Return what is spent on each class in the twelve months to the date, largest amount first.

    Args:
        context: The release.
        customers: All who are known.
    """
    rows = cast("list[tuple[int, int, float]]", context.rows("select_classes", as_of=context.as_of))
    total = sum(amount for _, _, amount in rows)
    shown = told_classes({class_id: spenders for class_id, spenders, _ in rows}, context.min_size)
    weighted = _weighted(context)

    def covered(class_id: int, spenders: int, amount: float) -> Covered:
        label, has_weight = context.labels.get(class_id, f"class {class_id}"), class_id in weighted
        if class_id not in shown:
            return Covered(label, None, None, None, has_weight)
        count = count_within(spenders, customers, context.min_size)
        return Covered(label, count, amount, amount / total if total else None, has_weight)

    classes = [covered(*row) for row in rows]
    return sorted(classes, key=lambda row: (row.amount is None, -(row.amount or 0), row.label))


def told_classes(spenders: Mapping[int, int], min_size: int) -> set[int]:
    """Return the classes whose amount may be told beside the parts that tell the total.

    Where a class of few is left out, so is the smallest other one: what is missing to the total is never of few alone.
    Customers spend on several classes, so that adding those of small classes up would count them twice.

    >>> sorted(told_classes({0: 500, 1: 3, 2: 40, 3: 60}, 20))
    [0, 3]
    """
    enough = sorted((size, class_id) for class_id, size in spenders.items() if size >= min_size)
    missing = len(enough) < len(spenders)
    return {class_id for _, class_id in enough[1 if missing else 0 :]}


def _weighted(context: Context) -> set[int]:
    if context.content is None:
        return set()
    coefficients = context.content.coefficients
    return {row.class_id for row in context.content.classes if coefficients[row.class_id].any()}
