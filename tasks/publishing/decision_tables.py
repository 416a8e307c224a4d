"""What a retraining came to, as small tables for the terminal and for Prefect's pages."""

from datetime import date
from math import isfinite

from model.vocabulary import OTHER
from tasks.operation.tables import Table, escaped, render_markdown
from tasks.publishing.words import in_words, moves_diagram
from tasks.science.retrain import Decision, Gate

GATES = "What a promotion asks for"
FIGURES = "On the same test customers"
SIZES = "Customers by first trait (small groups in one)"
MOVERS = "Who would change segment, by first trait (small groups are left out)"
# What the figures are called by people, with their units.
NAMES = {
    "trait_r2": "how well spending tells the traits' memberships (R2, 1 is perfect)",
    "state_r2": "how well the explanation follows the network (R2, 1 is perfect)",
    "unseen_customers": "test customers, whom no training saw (count)",
    "agreement": "customers who keep their first trait (share)",
    "coverage": "drift of spending that is in classes (share)",
    "unclassified": "drift of spending without a class (share)",
}
_SHARES = {"agreement", "coverage", "unclassified"}


def in_full(measure: str) -> str:
    """Return the name of a figure in words, with its unit.

    >>> in_full("class_shares")
    'drift of class shares (population stability index)'
    """
    return NAMES.get(measure, f"drift of {measure.replace('_', ' ')} (population stability index)")


def gates_table(decision: Decision) -> Table:
    """Return what a promotion asks for beside what was found, those that are not met first."""
    ordered = sorted(decision.gates, key=lambda gate: gate.passed)
    rows = tuple((in_full(gate.measure), *_of_gate(gate), "met" if gate.passed else "NOT MET") for gate in ordered)
    return Table(GATES, ("gate", "found", "asked for", "margin", "verdict"), rows)


def _of_gate(gate: Gate) -> tuple[str, str, str]:
    form = ".1%" if gate.measure in _SHARES else ",.3f"
    asked = f"{'at least' if gate.at_least else 'below'} {_figure(gate.limit, form)}" if isfinite(gate.limit) else ""
    return _figure(gate.value, form), asked, _figure(gate.margin, f"+{form}")


def comparison_table(decision: Decision) -> Table:
    """Return the figures of champion and challenger side by side, with what the challenger gains or loses."""
    rows = []
    for name, was in sorted(decision.champion.items()):
        if (becomes := decision.challenger.get(name)) is not None:
            form = ",.0f" if name.endswith("customers") else ",.3f"
            change = _figure(becomes - was, f"+{form}")
            rows.append((in_full(name), _figure(was, form), _figure(becomes, form), change))
    return Table(FIGURES, ("figure", "champion", "challenger", "change"), tuple(rows))


def _figure(value: float, form: str) -> str:
    """Return a figure in its form; empty where it could not be measured, as on a handful of customers."""
    return f"{value:{form}}" if isfinite(value) else ""


def sizes_table(decision: Decision) -> Table:
    """Return how many customers each first trait has under either model, most under the challenger first."""
    ordered = sorted(decision.sizes.items(), key=lambda item: (item[0] == OTHER, -item[1][1], item[0]))
    rows = tuple(
        (name, in_words(name), f"{was:,}", f"{becomes:,}", f"{becomes - was:+,}") for name, (was, becomes) in ordered
    )
    return Table(SIZES, ("segment", "in words", "champion", "challenger", "change"), rows)


def movers_table(decision: Decision) -> Table:
    """Return who would change segment of depth 1, most customers first."""
    rows = tuple((in_words(before), in_words(after), f"{count:,}") for before, after, count in _movers(decision))
    return Table(MOVERS, ("from", "to", "customers"), rows)


def _movers(decision: Decision) -> list[tuple[str, str, int]]:
    ordered = sorted(decision.movers.items(), key=lambda item: (-item[1], item[0]))
    return [(before, after, count) for (before, after), count in ordered]


def decision_tables(decision: Decision) -> tuple[Table, ...]:
    """Return all tables of a retraining, the gates first."""
    return gates_table(decision), comparison_table(decision), sizes_table(decision), movers_table(decision)


def verdict_line(decision: Decision) -> str:
    """Return what became of the challenger, in one line."""
    return f"{'promoted' if decision.promoted else 'champion stays'}: {decision.reason}"


def next_line(decision: Decision) -> str:
    """Return what can be done now."""
    if decision.promoted:
        return "To undo this: `microseg rollback`"
    if not decision.gates:
        return "There is no challenger to decide on"
    take, end = (f"`microseg {verb} {decision.version}`" for verb in ("promote", "dismiss"))
    return f"The challenger waits: {take} takes it all the same, {end} ends it"


def decision_page(decision: Decision, day: date) -> str:
    """Return a retraining in Markdown, the verdict first.

    Args:
        decision: What became of the challenger.
        day: Business date of the training data.
    """
    parts = [
        f"# Retraining of {day}: {escaped(verdict_line(decision))}",
        f"{decision.agreement:.1%} of customers keep their first trait. {next_line(decision)}.",
        *(render_markdown(table) for table in decision_tables(decision)),
        moves_diagram(_movers(decision)[:10]),
    ]
    return "\n\n".join(part for part in parts if part)
