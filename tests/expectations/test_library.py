"""What a night imports of Great Expectations."""

import subprocess
import sys

IMPORTS = """
import gc, sys
from expectations.library import load
load()
from great_expectations.expectations.core import expect_column_kl_divergence_to_be_less_than as divergence
import scipy
assert "scipy.stats" not in sys.modules and "stats" not in vars(scipy), "loaded, or left as it is not"
assert gc.isenabled() and gc.get_freeze_count() > 100_000
assert abs(divergence.stats.entropy([0.5, 0.5]) - 0.6931) < 1e-4
assert "scipy.stats" in sys.modules and divergence.stats.entropy is scipy.stats.entropy
"""


def test_statistics_that_no_suite_asks_for_are_loaded_by_who_does() -> None:
    done = subprocess.run([sys.executable, "-c", IMPORTS], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
