"""Names of runs: each says which business date it speaks of, also where nobody gave one."""

from collections.abc import Callable

from flows.business_date import business_date
from warehouse.settings import Settings


def dated(flow: str, parameter: str = "") -> Callable[[], str]:
    """Return a function for a flow's `flow_run_name`: the flow and its business date.

    A template such as ``nightly-{as_of}`` knows the parameters alone, and a scheduled run has none: it would be called
    nightly-None every night. A function is called inside of the run, and asks when that was scheduled.

    Args:
        flow: Name of the flow; its parameter `as_of`, where it has one that is set, is the date.
        parameter: One that belongs into the name, too.
    """

    def name() -> str:
        from prefect.runtime import flow_run

        given = flow_run.parameters
        day = given.get("as_of") or business_date(Settings())
        return "-".join([flow, *([str(given[parameter])] if parameter else []), str(day)])

    return name
