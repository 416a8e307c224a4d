"""What a study came to, in sentences that its own figures decide."""

import numpy as np

from tasks.study.comparison import Figures, Study

# The paper's figure for both angles, read directly.
PAPER_R2 = 0.78
BASELINE = "running mean"


def conclusion(study: Study, variant: str) -> list[str]:
    """Return the findings in the order of the paper's claims, each with its figures.

    Args:
        study: A finished study.
        variant: The network with the default target.
    """
    figures, shared = study.figures[variant], study.figures["shared"]
    return [
        _surrogate(figures),
        _beside(figures, shared, "kept from step to step", "The dominant trait stays the same from step to step"),
        _beside(figures, shared, "next step's memberships, squared correlation", "The next step is foretold"),
        _attractors(shared),
    ]


def _surrogate(figures: Figures) -> str:
    direct = [_mean(figures, f"linear direct {angle}") for angle in ("azimuth", "polar")]
    read = [_mean(figures, f"linear state {angle}") for angle in ("azimuth", "polar")]
    verdict = "as well as in the paper" if min(direct) >= PAPER_R2 else "less well than in the paper"
    return (
        f"A linear model tells the angles {verdict}: R2 {direct[0]:.2f} (azimuth) and {direct[1]:.2f} (polar angle), "
        f"in the paper {PAPER_R2}. Where it tells the state, which is then read as angles: {read[0]:.2f} and "
        f"{read[1]:.2f}."
    )


def _beside(figures: Figures, shared: Figures, name: str, told: str) -> str:
    here, there = _mean(figures, name), _mean(shared, f"{BASELINE}: {name}")
    apart = here - there
    seeds = figures[name]
    spread = float(np.std(seeds, ddof=1)) if len(seeds) > 1 else 0.0
    word = "the network is better" if apart > 0 else "the running mean is better"
    word = "no difference beyond two standard deviations of the seeds" if abs(apart) <= 2 * spread else word
    word = word if len(seeds) > 1 else "one seed cannot tell which is better"
    return f"{told}: {here:.2f} with the network, {there:.2f} with the plain {BASELINE} of spending; {word}."


def _attractors(shared: Figures) -> str:
    value = _mean(shared, "membership against way left, correlation")
    verdict = "as the paper expects" if value < 0 else "against what the paper expects"
    return f"Customers nearer to their attractor have the higher membership, {verdict}: correlation {value:.2f}."


def _mean(figures: Figures, name: str) -> float:
    return float(np.mean(figures[name])) if figures[name] else float("nan")
