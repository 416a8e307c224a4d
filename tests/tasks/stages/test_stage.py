"""What a stage is as a Prefect task."""

from collections.abc import Iterator

import pytest
from prefect import flow

from tasks.operation.journal import Outcome
from tasks.stages.stage import stage

pytestmark = pytest.mark.flow


class Watched(list[int]):
    """A list that counts how often somebody goes through it."""

    looks = 0

    def __iter__(self) -> Iterator[int]:
        self.looks += 1
        return super().__iter__()


@stage(name="pick")
def pick(values: Watched, named: Watched) -> Outcome:
    return Outcome(values[0], str(named[0]))


def test_nobody_looks_through_the_arguments(prefect_server: None) -> None:
    values, named = Watched([1]), Watched([2])

    @flow(name="pick")
    def picking() -> Outcome:
        return pick(values, named=named)

    assert picking() == Outcome(1, "2")
    assert (values.looks, named.looks) == (0, 0)
