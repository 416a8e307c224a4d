"""Whatever a bank's people do, in whatever order, and wherever it is killed and done again: as if nobody had killed it.

SEQUENCE_EXAMPLES=40 makes it a long run, of longer sequences: an example takes half a minute.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from tests.flows.invariants import check_published, check_told, contents, leftovers
from tests.flows.moments import Kind
from tests.flows.performers import Performers, order, performers
from tests.flows.small_bank import small_bank
from tests.flows.steps import Step
from tests.support.costly import costly
from warehouse.connection import connect
from warehouse.engines import close_idle
from warehouse.settings import Settings

IS_LONG = "SEQUENCE_EXAMPLES" in os.environ
EXAMPLES, LONGEST = (int(os.environ["SEQUENCE_EXAMPLES"]), 5) if IS_LONG else (1, 3)
pytestmark = [pytest.mark.warehouse, pytest.mark.timeout(0 if IS_LONG else 1200)]
Kill = tuple[Kind, float]
FIRST = [
    Step("night", {"as_of": "2025-10-31", "bad": False, "lenient": True, "closed": ""}),
    Step("retrain", {"promote": "force", "closed": ""}),
]
LAST = Step("night", {"as_of": "2025-12-31", "bad": False, "lenient": False, "closed": ""})
DATES = ["2025-11-30", "2025-10-31", "2025-12-31", "2026-02-28"]
SUITES = ["", "", "", "segments", "spend_by_period", "features_trajectories"]
SOURCES = ["2025-11", "2025-08-few", "2025-08-bad", "2025-09"]

closings = st.sampled_from(SUITES)
nights = st.fixed_dictionaries(
    {"as_of": st.sampled_from(DATES), "bad": st.booleans(), "lenient": st.booleans(), "closed": closings}
)
backfills = st.sampled_from(
    [("2025-09-30", "2025-10-31"), ("2025-11-01", "2025-11-30"), ("2025-08-31", "2025-08-31")]
).flatmap(lambda ends: st.fixed_dictionaries({"first": st.just(ends[0]), "last": st.just(ends[1]), "closed": closings}))
trainings = st.fixed_dictionaries({"promote": st.sampled_from(["force", "auto", "never"]), "closed": closings})
steps = st.one_of(
    st.builds(Step, st.just("retrain"), trainings),
    st.builds(Step, st.just("rollback"), st.just({})),
    st.builds(Step, st.just("night"), nights),
    st.builds(Step, st.just("backfill"), backfills),
    st.builds(Step, st.just("replay"), st.fixed_dictionaries({"corrected": st.booleans()})),
    st.builds(Step, st.just("withdraw"), st.fixed_dictionaries({"source": st.sampled_from(SOURCES)})),
    st.builds(Step, st.just("undo"), st.fixed_dictionaries({"source": st.sampled_from(SOURCES)})),
)
kills: st.SearchStrategy[Kill] = st.tuples(
    st.sampled_from(["committed", "statement", "file", "commit"]), st.floats(0, 1).map(lambda part: 1 - part)
)
killed_steps = st.lists(st.tuples(steps, st.lists(kills, min_size=1, max_size=2)), min_size=2, max_size=LONGEST)


@dataclass(frozen=True)
class Town:
    """A home after its first night, with who performs steps in copies of it."""

    home: Path
    performers: Performers
    numbers: Iterator[int]

    def copy(self) -> Path:
        """Return a copy of the home, at a path of the same length."""
        home = self.home.with_name(f"home-{next(self.numbers):05}") / "home"
        shutil.copytree(self.home, home, symlinks=True)
        return home


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    root = tmp_path_factory.mktemp("town")
    environment = small_bank(root)
    with performers(environment) as started, pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        started.perform(order(root / "home", FIRST))
        yield Town(root / "home", started, count())


@costly(EXAMPLES)
@given(plan=killed_steps)
def test_a_killed_step_that_is_taken_again_ends_as_if_nobody_had_killed_it(
    town: Town, plan: list[tuple[Step, list[Kill]]]
) -> None:
    taken = [*(step for step, _ in plan), LAST]
    undisturbed, disturbed = town.copy(), town.copy()
    done, _ = town.performers.perform(order(undisturbed, taken))
    for number, (step, drawn) in enumerate(plan):
        reached = done[number]["moments"]
        aims = [(kind, max(1, round(part * reached.get(kind, 1)))) for kind, part in drawn]
        note(f"{number}: {step} {done[number]['said']} {reached} killed at {aims}")
        take_killed(town, disturbed, [*taken[: number + 1]], aims, done[number]["said"])
    town.performers.perform(order(disturbed, taken, first=len(plan)))
    expected, found = contents(Settings(home=undisturbed)), contents(Settings(home=disturbed))
    close_idle()
    assert {name: (found.get(name), expected[name]) for name in expected if found.get(name) != expected[name]} == {}
    assert set(found) == set(expected)
    assert leftovers(disturbed) == []
    shutil.rmtree(undisturbed.parent)
    shutil.rmtree(disturbed.parent)


def take_killed(town: Town, home: Path, taken: list[Step], aims: list[tuple[Kind, int]], expected: str) -> None:
    """Take the last of some steps, killed as often as there are aims, and once more unless its run came to its end."""
    number, settings, earlier = len(taken) - 1, Settings(home=home), len(runs(home, taken[-1]))
    for killed, aim in enumerate([*aims, ("", 0)]):
        done, lived = town.performers.perform(order(home, taken, number, aim))
        if lived:
            assert killed or done[0]["said"] == expected
            return
        check_published(settings)
        check_told(settings)
        if taken[-1].name in ("retrain", "rollback") and runs(home, taken[-1])[earlier:][-1:] == ["succeeded"]:
            return  # so says the journal, and nobody would give the order again


def runs(home: Path, step: Step) -> list[str]:
    """Return how the runs of a flow ended so far, in the order of their beginnings."""
    text = "SELECT status FROM ops.runs WHERE flow = $1 ORDER BY rowid"
    with connect(Settings(home=home), read_only=True) as connection:
        return [str(status) for (status,) in connection.execute(text, [step.name]).fetchall()]
