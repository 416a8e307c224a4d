"""The smallest bank that goes through all steps: sixty customers, a year, and files with rows that are rejected."""

from datetime import date
from pathlib import Path

import duckdb

from tasks.simulator.simulate import simulate
from tests.tasks.science.conftest import two_month_bank

BAD = "2025-08-bad.parquet"  # beside the sources, and among them only in the nights that a test chooses


def small_bank(root: Path) -> dict[str, str]:
    """Make a reference set and sources below a folder; return the settings of its warehouse, but for the home."""
    two_month_bank(root / "reference")
    simulate(customers=60, years=1, seed=3, out=root / "source", last_month=date(2025, 12, 1))
    _write_again(root, "few", one_in=150, target=root / "source" / "transactions-2025-08-few.parquet")
    _write_again(root, "bad", one_in=10, target=root / BAD)
    return {
        "MICROSEG_REFERENCE": str(root / "reference"),
        "MICROSEG_SOURCE": str(root / "source" / "*.parquet"),
        "MICROSEG_MIN_TRAINING_CUSTOMERS": "20",
        "MICROSEG_MIN_SEGMENT_SIZE": "10",
        "MICROSEG_MAX_SILENCE_DAYS": "20",
    }


def _write_again(root: Path, mark: str, one_in: int, target: Path) -> None:
    """Write the rows of August once more under other ids; one in some has no amount."""
    amount = f"CASE WHEN hash(transaction_id) % {one_in} = 0 THEN 'none' ELSE amount::VARCHAR END AS amount"
    rows = f"SELECT * REPLACE ('{mark}-' || transaction_id AS transaction_id, {amount})"
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({rows} FROM '{root}/source/transactions-2025-08.parquet') TO '{target}'")
