"""Salt for the simulated bank: bad rows of every kind beside the good ones, counted so that tests compare exactly.

Good rows stay as they are and every bad row is extra, so a salted bank without its bad rows is the clean bank.
"""

import json
from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from model.types import BoolArray, IntArray
from tasks.simulator.bank import SALT, stream
from warehouse.files import write_text, written_whole
from warehouse.months import next_month

SALT_SHARE = 0.005
# Kind -> the one column that is spoilt, and the value that spoils it. Duplicates keep the id of the row they repeat.
SPOILS: dict[str, tuple[str, str | None]] = {
    "missing_transaction_id": ("transaction_id", None),
    "blank_transaction_id": ("transaction_id", "   "),
    "missing_customer_id": ("customer_id", None),
    "blank_customer_id": ("customer_id", "   "),
    "missing_date": ("booked_at", None),
    "unparsable_date": ("booked_at", "31st of June"),
    "impossible_date": ("booked_at", "2023-02-29 10:00:00"),
    "future_date": ("booked_at", ""),  # filled in by Salt: two years after the last month
    "date_0001": ("booked_at", "0001-01-01 00:00:00"),
    "date_9999": ("booked_at", "9999-12-31 00:00:00"),
    "missing_amount": ("amount", None),
    "unparsable_amount": ("amount", "twelve"),
    "zero_amount": ("amount", "0.00"),
    "amount_1e300": ("amount", "1e300"),
    "amount_nan": ("amount", "NaN"),
    "amount_inf": ("amount", "-inf"),
    "wrong_currency": ("currency", "USD"),
    "unknown_code": ("source_code", "NOSUCH"),
    "duplicate_same": ("transaction_id", ""),  # nothing is spoilt
    "duplicate_other": ("amount", "-987654.32"),
}
KINDS = tuple(SPOILS)
REPEATS = ("duplicate_same", "duplicate_other")
# Ids of new bad rows are numbered from here within the month, far above any good row.
FIRST_BAD_NUMBER = 90_000_000


class Salt:
    """Spoils copies of good rows, the kinds taking turns, and writes the month as CSV."""

    def __init__(self, seed: int, last_month: date) -> None:
        """Start with nothing spoilt.

        Args:
            seed: The simulation's seed.
            last_month: Last simulated month; future dates lie two years after it.
        """
        self.seed = seed
        self.future = f"{next_month(last_month, 24):%Y-%m-%d} 12:00:00"
        self.counts: Counter[str] = Counter()

    def write(self, table: pa.Table, known: BoolArray, index: int, path: Path) -> None:
        """Write a month with its bad rows at random places, a repeat always after the row it repeats.

        Args:
            table: The good rows in the `bank` contract.
            known: Whether a row's code is in the reference set; only such rows are copied (R,).
            index: Month, from the first simulated one.
            path: CSV file to write.
        """
        rng = stream(self.seed, SALT, index)
        good = as_text(table)
        bases = np.flatnonzero(known)
        chosen = np.sort(rng.choice(bases, min(len(bases), round(SALT_SHARE * len(known))), replace=False))
        kinds = [KINDS[(self.counts.total() + place) % len(KINDS)] for place in range(len(chosen))]
        bad = self._spoil(good.take(chosen), kinds)
        order = self._places(rng, len(known), chosen)
        mixed = pa.concat_tables([good, bad]).take(order)
        with written_whole(path) as partial:
            csv.write_csv(mixed, partial)
        self.counts.update(kinds)

    def _spoil(self, rows: pa.Table, kinds: list[str]) -> pa.Table:
        """Turn good rows into one bad row each."""
        columns = {name: rows.column(name).to_pylist() for name in rows.column_names}
        for place, kind in enumerate(kinds):
            if kind not in REPEATS:
                month = columns["transaction_id"][place][:6]
                columns["transaction_id"][place] = f"{month}{FIRST_BAD_NUMBER + place}"
            column, value = SPOILS[kind]
            if kind != "duplicate_same":
                columns[column][place] = self.future if kind == "future_date" else value
        return pa.table(columns, schema=rows.schema)

    @staticmethod
    def _places(rng: np.random.Generator, good: int, chosen: IntArray) -> IntArray:
        """Order of the rows in the file: each bad row somewhere after the good row it was copied from."""
        after = chosen + 0.5 + np.floor(rng.random(len(chosen)) * (good - chosen))
        return np.argsort(np.concatenate([np.arange(good), after]), kind="stable")

    def write_counts(self, out: Path, good_rows: int, unknown_good_rows: int) -> int:
        """Write how many rows of each kind there are.

        Args:
            out: Directory of the simulation.
            good_rows: Rows that break nothing.
            unknown_good_rows: Those of them whose code is in no reference set.

        Returns:
            Number of bad rows.
        """
        facts = {
            "good_rows": good_rows,
            "good_rows_with_unknown_code": unknown_good_rows,
            "bad_rows": self.counts.total(),
            "kinds": {kind: self.counts[kind] for kind in KINDS},
        }
        text = json.dumps(facts, indent=2) + "\n"
        write_text(out / "truth" / "dirty.json", text)
        return self.counts.total()


def as_text(table: pa.Table) -> pa.Table:
    """Write every value as text, as a CSV export has it.

    Args:
        table: Rows in the `bank` contract.

    Returns:
        The same rows, every column a string; times without fractions of a second.
    """
    columns = {name: table.column(name).cast(pa.string()) for name in table.column_names if name != "booked_at"}
    columns["booked_at"] = pc.strftime(table.column("booked_at").cast(pa.timestamp("s")), "%Y-%m-%d %H:%M:%S")
    return pa.table({name: columns[name] for name in table.column_names})
