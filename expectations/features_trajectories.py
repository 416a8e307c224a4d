"""What must hold of candidates.trajectories: three hidden states per step, each within the range of the network."""

from datetime import date

from expectations.features import batch_of, keys
from expectations.suite import Suite, between, no_rows, not_null

NAME = "features_trajectories"
STATES = ("h1", "h2", "h3")


def suite(as_of: date) -> Suite:
    """Expectations of the trajectories of one business date.

    Args:
        as_of: The business date.
    """
    return Suite(
        name=NAME,
        table="candidates.trajectories",
        batch=batch_of("candidates.trajectories", as_of),
        expectations=(
            *keys(by_step=True),
            *not_null(*STATES, "model_version"),
            # A hidden state of an LSTM is a gate times a hyperbolic tangent.
            *(between(state, -1, 1) for state in STATES),
            no_rows("one_model", "features_one_model", "All rows of a window come from one version of the model."),
        ),
    )
