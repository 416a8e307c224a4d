"""What the study's page says first is decided by its figures."""

from itertools import product
from typing import cast

import pytest

from tasks.study.comparison import Study
from tasks.study.conclusion import conclusion

KEPT = "kept from step to step"
NEXT = "next step's memberships, squared correlation"


def told(kept: list[float], direct: float = 0.5, correlation: float = -0.3) -> list[str]:
    study = Study(cast("object", None), cast("object", None), None)  # type: ignore[arg-type]
    seeds = range(len(kept))
    study.figures["v"] |= {KEPT: kept, NEXT: [0.5 for _ in seeds]}
    surrogates = product(("direct", "state"), ("azimuth", "polar"))
    study.figures["v"] |= {f"linear {way} {angle}": [direct] for way, angle in surrogates}
    study.figures["shared"] |= {f"running mean: {KEPT}": [0.8], f"running mean: {NEXT}": [0.5]}
    study.figures["shared"]["membership against way left, correlation"].append(correlation)
    return conclusion(study, "v")


@pytest.mark.parametrize(
    ("kept", "word"),
    [
        ([0.70, 0.71], "the running mean is better"),
        ([0.90, 0.91], "the network is better"),
        ([0.79, 0.80], "no difference beyond two standard deviations"),
        ([0.99], "one seed cannot tell"),
    ],
)
def test_a_difference_counts_beyond_the_spread_of_the_seeds(kept: list[float], word: str) -> None:
    assert word in told(kept)[1]


@pytest.mark.parametrize(("direct", "word"), [(0.77, "less well than in the paper"), (0.78, "as well as in the paper")])
def test_the_surrogate_is_held_against_the_papers_figure(direct: float, word: str) -> None:
    assert word in told([0.7, 0.7], direct)[0]


@pytest.mark.parametrize(("correlation", "word"), [(-0.3, "as the paper expects"), (0.3, "against what the paper")])
def test_attractors_are_held_against_the_papers_expectation(correlation: float, word: str) -> None:
    assert word in told([0.7, 0.7], correlation=correlation)[3]
