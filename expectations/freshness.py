"""What must hold of the feeds: none of them has fallen silent, and their newest days are like other days."""

from datetime import date

from expectations.suite import Suite, not_null, rows_where, unique
from warehouse.queries import quoted

NAME = "freshness"


def suite(as_of: date, run_id: str, max_silence: int) -> Suite:
    """Expectations of the feeds as a run found them on one business date.

    Args:
        as_of: The business date.
        run_id: The run whose verdicts are looked at.
        max_silence: Days of silence that are let pass, for the sentences alone; the levels are in the rows.
    """
    level, usual = "freshness_level", "freshness_usual_volume"
    warned = f"No feed comes near its limit of {max_silence} days without the usual rows."
    return Suite(
        name=NAME,
        table="ops.freshness",
        batch=f"SELECT * FROM ops.freshness WHERE as_of = DATE '{as_of}' AND run_id = {quoted(run_id)}",
        expectations=(
            *not_null("feed", "level"),
            unique("feed"),
            rows_where("alive", level, f"No feed is silent for more than {max_silence} days.", level="critical"),
            rows_where("delivers", level, warned, "warning", level="warning"),
            rows_where("usual_volume", usual, "The newest days have their usual rows and customers.", "warning"),
        ),
    )
