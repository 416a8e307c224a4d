"""The sample as a source: settings of this process, and of what it starts, for runs on real purchases of households."""

import os
from datetime import date

from warehouse.settings import Settings


def set_up_sample() -> date:
    """Write the sample, point the settings at it, and return its business date."""
    from tasks.intake.sample import SAMPLE_AS_OF, write_sample

    os.environ["MICROSEG_REFERENCE"] = "complete_journey"
    os.environ["MICROSEG_SOURCE"] = str(write_sample(Settings()).resolve())
    return date.fromisoformat(SAMPLE_AS_OF)
