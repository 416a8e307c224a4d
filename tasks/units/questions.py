"""Questions of a gate answered by units: a part of the rows each, and their counts added up."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

from expectations.elsewhere import Ask, Counts, Elsewhere, Question, Refusal, RefusedError
from tasks.units.progress import Progress
from tasks.units.raw_rows import added
from tasks.units.unit import Crew, Facts, Unit
from warehouse.errors import MicrosegError

_ROUNDS = 8
# Questions about the same rows go together where there are more: each unit has its price, and names its files.
UNITS_AT_ONCE = 64


class Plan(Protocol):
    """Which units answer what a gate asks."""

    def parts(self, question: Question) -> Sequence[Unit] | None:
        """Return units that answer a question, each about a part of the rows; None: it is answered by who asks.

        Their arguments are those of `expectations.elsewhere.answer`; where the rows are the same, so are the tables.
        """

    def whole(self, question: Question) -> Unit:
        """Return the unit that answers a question about all of the rows."""


def answered_by(plan: Plan, crew: Crew, progress: Progress) -> Elsewhere:
    """Let a suite be evaluated once to hear what it asks, and once more when units have answered.

    Great Expectations asks for single counts where the statement of all of them failed, and keys that break a rule in
    several parts are counted once more together: then there is a third time.

    Args:
        plan: Which units answer.
        crew: Does them.
        progress: Called with units done and in total.
    """

    def elsewhere(evaluate: Callable[[Ask], Any]) -> Any:
        answers: dict[Unit, Facts] = {}
        for _ in range(_ROUNDS):
            missing: dict[Unit, None] = {}
            results = evaluate(partial(_ask, plan, answers, missing))
            if not missing:
                return results
            answers.update(_answered(crew, list(missing), progress))
        raise MicrosegError(f"a gate asked for something else {_ROUNDS} times: it cannot be asked by units")

    return elsewhere


def _answered(crew: Crew, units: Sequence[Unit], progress: Progress) -> dict[Unit, Facts]:
    """Have units of one question each done, some of them together."""
    groups = list(_groups(units, -(-len(units) // UNITS_AT_ONCE)))
    answers = crew([_joined(group) for group in groups], progress)
    return {
        unit: Facts((), (counts,))
        for group in groups
        for unit, counts in zip(group, answers[_joined(group)].figures, strict=True)
    }


def _groups(units: Sequence[Unit], most: int) -> Iterator[list[Unit]]:
    by_rows = defaultdict[Hashable, list[Unit]](list)
    for unit in units:
        by_rows[unit.arguments[0]].append(unit)
    for alike in by_rows.values():
        yield from (alike[first : first + most] for first in range(0, len(alike), most))


def _joined(units: Sequence[Unit]) -> Unit:
    """Return the unit that answers what several ask about the same rows, each table read once."""
    first = units[0]
    asked = [one for unit in units for one in unit.arguments[1:]]
    reads = dict.fromkeys(read for unit in units for read in unit.reads)
    return Unit(first.work, (first.arguments[0], *asked), tuple(reads), ())


def _ask(plan: Plan, answers: Mapping[Unit, Facts], missing: dict[Unit, None], question: Question) -> Counts | None:
    parts = plan.parts(question)
    if parts is None:
        return None
    counts = [_counts(answers, missing, unit, question.size) for unit in parts]
    if question.kind == "failing" and sum(any(part) for part in counts) > 1:
        # Two parts may have found the same key.
        return _counts(answers, missing, plan.whole(question), question.size)
    return tuple(added(column) for column in zip(*counts, strict=True)) if counts else (0,) * question.size


def _counts(answers: Mapping[Unit, Facts], missing: dict[Unit, None], unit: Unit, size: int) -> Counts:
    if unit not in answers:
        missing[unit] = None
        return (0,) * size
    counts: Counts | Refusal = answers[unit].figures[0]
    if isinstance(counts, Refusal):
        raise RefusedError(counts.message)
    return counts
