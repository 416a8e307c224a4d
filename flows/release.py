"""From a model and a date to what readers see: candidate, gates, release; the way that every flow takes."""

from collections.abc import Callable
from datetime import date

from tasks.operation.journal import Outcome
from tasks.publishing.release import Promotion
from tasks.stages.publishing import release
from tasks.stages.science import segment, trace, validate_features, validate_segments
from warehouse.settings import Settings

Run = Callable[..., object]


def directly(stage: Callable[..., Outcome], *arguments: object) -> None:
    """Run a stage that no journal reports: one of many dates."""
    stage(*arguments)


def build_candidate(run: Run, settings: Settings, as_of: date, version: str, run_id: str) -> None:
    """Make the candidate of a date and let it pass the gates.

    Args:
        run: Runs one stage with its arguments: `Journal.run`, or `directly`.
        settings: Settings of the warehouse.
        as_of: Business date.
        version: The model to apply; empty: the one in use.
        run_id: The run.

    Raises:
        GateError: A gate is closed; the candidate stays, refused, and readers keep the last good release.
    """
    run(trace, settings, as_of, version, run_id)
    run(validate_features, settings, as_of, run_id)
    run(segment, settings, as_of)
    run(validate_segments, settings, as_of, run_id)


def build_and_release(
    run: Run, settings: Settings, as_of: date, version: str, run_id: str, promotion: Promotion | None = None
) -> None:
    """Make the candidate of a date, let it pass the gates, and release it.

    Args:
        run: As `build_candidate`.
        settings: Settings of the warehouse.
        as_of: Business date.
        version: The model to apply; empty: the one in use.
        run_id: The run.
        promotion: Makes the model the champion.
    """
    build_candidate(run, settings, as_of, version, run_id)
    run(release, settings, as_of, run_id, promotion)
