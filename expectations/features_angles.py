"""What must hold of candidates.angles: directions on the sphere, in radians."""

from datetime import date
from math import pi, sqrt

from expectations.features import batch_of, keys
from expectations.suite import Suite, between, no_rows, not_null, rows_where

NAME = "features_angles"
# Of single precision: the nearest float to pi lies above it.
ROUNDING = 1e-6


def suite(as_of: date) -> Suite:
    """Expectations of the angles of one business date.

    Args:
        as_of: The business date.
    """
    return Suite(
        name=NAME,
        table="candidates.angles",
        batch=batch_of("candidates.angles", as_of),
        expectations=(
            *keys(by_step=False),
            *not_null("radius", "determined", "model_version"),
            between("azimuth", -pi - ROUNDING, pi + ROUNDING),
            between("polar", 0, pi + ROUNDING),
            between("radius", 0, sqrt(3) + ROUNDING),
            rows_where("angles_given", "features_angles_given", "A determined direction has both angles."),
            no_rows("one_model", "features_one_model", "All rows of a window come from one version of the model."),
        ),
    )
