"""How a property is drawn whose every example takes seconds."""

from hypothesis import HealthCheck, Phase, settings


def costly(examples: int) -> settings:
    """Return the settings: no search for a simpler failure, which would take an hour to find.

    Args:
        examples: How many to draw; none leaves those that are written down.
    """
    drawn = [Phase.reuse, Phase.generate] if examples else []
    return settings(
        max_examples=max(1, examples),
        phases=[Phase.explicit, *drawn],
        report_multiple_bugs=False,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
    )
