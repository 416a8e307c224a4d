"""What must hold of spend.by_period: the six steps of both windows, and what was spent in them."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from expectations.months import half_open
from expectations.suite import Expectation, Suite, between, in_set, no_rows, not_null, unique
from model.vocabulary import STEPS, WINDOW_MONTHS
from warehouse.months import next_month
from warehouse.queries import quoted

NAME = "spend_by_period"


class Period(NamedTuple):
    """One step of a window: the days from start to before end."""

    window: str
    step: int
    start: date
    end: date


def periods(as_of: date) -> list[Period]:
    """Return the steps of both windows, oldest first.

    They are worked out here and not read from the aggregate's query, so that the two check each other.

    Args:
        as_of: Last day of the newest step, inclusive.
    """
    return [
        Period(
            window,
            step,
            next_month(as_of, (step - STEPS) * months - months + 1),
            as_of + timedelta(days=1) if step == STEPS else next_month(as_of, (step - STEPS) * months + 1),
        )
        for window, months in WINDOW_MONTHS.items()
        for step in range(1, STEPS + 1)
    ]


def well_formed(steps: Sequence[Period]) -> tuple[Expectation, ...]:
    """Expect whole keys, amounts above zero, shares that sum to 1, and steps that begin and end where they should.

    Args:
        steps: Of both windows.
    """
    keys = ("window_name", "customer_key", "step", "class_id")
    return (
        *not_null(*keys, "period_start", "period_end", "amount", "share"),
        unique(*keys),
        in_set("window_name", list(WINDOW_MONTHS)),
        between("step", 1, STEPS),
        between("amount", 0, None, exclusive="low"),
        between("share", 0, 1, exclusive="low"),
        no_rows("shares_sum_to_one", "spend_by_period_shares", "A customer's shares in a step sum to 1."),
        no_rows(
            "bounds", "spend_by_period_bounds", "Steps begin and end on the days given by as_of.", bounds=_bounds(steps)
        ),
        no_rows("contiguous", "spend_by_period_contiguous", "Each step ends where the next begins."),
        no_rows("customer_known", "batch_customer_known", "Each customer_key is in raw.customers."),
    )


def _bounds(steps: Sequence[Period]) -> str:
    return ", ".join(f"('{p.window}', {p.step}, DATE '{p.start}', DATE '{p.end}')" for p in steps)


def suite(as_of: date, unpassed: Collection[tuple[str, int]] | None = None) -> Suite:
    """Expectations of the steps that end at a business date.

    Args:
        as_of: The business date.
        unpassed: Window and number of the steps whose rows are looked at; None for all of them. That the date has the
            steps that it should is looked at anyway.
    """
    every_step = periods(as_of)
    steps = [step for step in every_step if unpassed is None or (step.window, step.step) in unpassed]
    return Suite(
        name=NAME,
        table="spend.by_period",
        batch=f"SELECT * FROM spend.by_period WHERE as_of = DATE '{as_of}' AND {_among(steps, unpassed)}",
        expectations=(
            *well_formed(every_step),
            no_rows("class_known", "batch_class_known", "Each class_id is in ref.classes."),
            no_rows(
                "steps_of_date",
                "spend_by_period_steps",
                "The date has the twelve steps that the calendar gives it.",
                as_of=quoted(str(as_of)),
                bounds=_bounds(every_step),
            ),
            *(_conserved(period, as_of) for period in steps),
        ),
    )


def _among(steps: Sequence[Period], unpassed: Collection[tuple[str, int]] | None) -> str:
    if unpassed is None:
        return "true"
    # Of the steps, not of the rows: the files of other periods stay closed.
    return " OR ".join(["false", *(f"window_name = '{p.window}' AND step = {p.step}" for p in steps)]).join("()")


def _conserved(period: Period, as_of: date) -> Expectation:
    # A step at a time, like the aggregate itself: all at once, the sums of a large bank spill to disk.
    open_month = as_of.replace(day=1)
    return no_rows(
        f"conserves_{period.window}_{period.step}",
        "spend_by_period_conserves_step",
        "Customers and amounts by class match the step's months, where above zero.",
        window=quoted(period.window),
        step=str(period.step),
        whole_months=half_open("month", period.start, min(period.end, open_month)),
        open_month=half_open("booked_on", max(period.start, open_month), period.end),
    )
