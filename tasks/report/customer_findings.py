"""Findings about one customer: what the look-up page says in sentences, each made from the figures beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

from tasks.publishing.explain import CHANGED, WITHIN, Explanation
from tasks.publishing.words import trait
from tasks.report.customer_content import CustomerPage, Month, Step
from tasks.report.findings import named
from tasks.report.names import short_name
from tasks.report.phrases import counted, day, degrees, listed, number, signed

WINDOWS = {"annual": "yearly", "bimonthly": "two-monthly"}


@dataclass(frozen=True)
class Way:
    """The customer's steps in one window, oldest first."""

    window_name: str
    steps: Sequence[Step]

    @property
    def kind(self) -> str:
        """The window as a reader would say it."""
        return WINDOWS.get(self.window_name, self.window_name)


def standing(page: CustomerPage) -> str:
    """Return in which segment the customer is and how far from the next one."""
    text = f"On {day(page.as_of)} this customer is in {named(page.segment)}"
    if page.margin is None:
        return f"{text}: {page.sentences[0] if page.sentences else page.description}"
    near = f"{degrees(page.margin)} from the nearest boundary"
    behind = f", beyond which lies {named(page.neighbour)}" if page.neighbour else "; who is beyond it may not be told"
    return f"{text}, {near}{behind}."


def lead(explanation: Explanation) -> str:
    """Return by how much the strongest trait leads, and how much of that the reasons account for."""
    first, second = trait(explanation.dominant), trait(explanation.runner_up)
    text = (
        f"Spending favours {first} over {second} by {number(explanation.lead, 2)} logit points. Of these, all classes "
        f"together give {signed(explanation.explained, 2)}, the average customer {signed(explanation.intercept, 2)}, "
        f"and {signed(explanation.residual, 2)} is not explained by this account"
    )
    return text + ("; that outweighs the reasons, so treat them as weak." if explanation.weak else ".")


def way_out(explanation: Explanation) -> str:
    """Return what would move the customer into another segment."""
    if explanation.changed:
        return CHANGED
    change = explanation.counterfactual
    if change is None:
        return f"No change in one or two classes was found that would move this customer, {WITHIN}."
    classes = "one class" if len(change.moves) == 1 else "two classes"
    return (
        f"The smallest change found is in {classes} and leads to {named(change.segment)}; it is the same in every "
        "active step, and all other spending keeps its proportions."
    )


def ways(steps: Sequence[Step]) -> list[Way]:
    """Return the steps by window, in their order."""
    names = dict.fromkeys(step.window_name for step in steps)
    return [Way(name, [step for step in steps if step.window_name == name]) for name in names]


def course(ways_: Sequence[Way]) -> str:
    """Return through which cells the customer came, oldest first."""
    courses = [(way.kind, listed([short_name(step.segment) for step in way.steps])) for way in ways_]
    return " ".join(f"By {kind} steps, oldest first: {cells}." for kind, cells in courses)


def made_from(months: Sequence[Month]) -> str:
    """Return how many purchases the segment is made from."""
    spent = [month for month in months if month.rows]
    if not spent:
        return "There is no purchase in the months of the window."
    rows = counted(sum(month.rows for month in months), "purchase")
    first, last = (month.month.strftime("%B %Y") for month in (spent[0], spent[-1]))
    return f"{rows} in {len(spent):,} of {counted(len(months), 'month')}, the first in {first}, the last in {last}."
