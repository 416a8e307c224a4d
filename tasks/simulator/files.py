"""Write the simulated bank: one Parquet file a month, the truth apart, and a description of the run."""

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from model.simulation.labels import BAD_LOAN, COVERS_2000, draw_label
from model.simulation.lives import NEVER, Population
from model.simulation.tickets import Tickets
from model.types import FloatArray, IntArray
from model.vocabulary import TRAITS
from warehouse.errors import MicrosegError
from warehouse.files import write_text, written_whole
from warehouse.months import next_month

CURRENCY = "EUR"
DESCRIPTION = "simulation.json"
CONTRACT = pa.schema(
    [
        ("transaction_id", pa.string()),
        ("customer_id", pa.string()),
        ("booked_at", pa.timestamp("us")),
        ("amount", pa.decimal128(18, 2)),
        ("currency", pa.string()),
        ("source_code", pa.string()),
    ]
)
# Rows numbered within the month; eight digits leave room for 100 million rows, below what the salt uses.
NUMBERS_PER_MONTH = 100_000_000


def customer_ids(customers: int) -> pa.Array:
    """Name the customers.

    Args:
        customers: How many.

    Returns:
        "C0000001" and so on, in the order of the population.
    """
    return pa.array([f"C{number:07d}" for number in range(1, customers + 1)], pa.string())


def month_table(tickets: Tickets, codes: IntArray, month: date, ids: pa.Array, code_names: pa.Array) -> pa.Table:
    """Put a month's rows in the `bank` contract.

    Args:
        tickets: Rows in the order of booking.
        codes: Position of each row's code in `code_names`.
        month: First day of the month.
        ids: Names of all customers.
        code_names: All source codes.

    Returns:
        Table with the columns of CONTRACT; repeated strings stay dictionaries until they are written.
    """
    rows = len(codes)
    first = (month.year * 100 + month.month) * NUMBERS_PER_MONTH
    start = np.datetime64(month, "us").astype(np.int64)
    return pa.table(
        {
            "transaction_id": pa.array(np.arange(first + 1, first + rows + 1)).cast(pa.string()),
            "customer_id": pa.DictionaryArray.from_arrays(pa.array(tickets.customer.astype(np.int32)), ids),
            "booked_at": pa.array((start + tickets.second * 1_000_000).astype("datetime64[us]")),
            "amount": _decimals(tickets.cents),
            "currency": pa.DictionaryArray.from_arrays(np.zeros(rows, np.int8), pa.array([CURRENCY])),
            "source_code": pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), code_names),
        }
    )


def _decimals(cents: IntArray) -> pa.Array:
    """Cents as DECIMAL(18,2): the 128-bit words are laid out directly, which no cast does without losing exactness."""
    words = np.stack([cents, cents >> 63], axis=1)
    return pa.Array.from_buffers(pa.decimal128(18, 2), len(cents), [None, pa.py_buffer(words)])


def write_parquet(table: pa.Table, path: Path) -> None:
    """Write a table so that the file is there whole or not at all.

    Args:
        table: What to write.
        path: Where to.
    """
    # A reader of any kind sees plain strings: the dictionary encoding of Arrow is not recorded in the file.
    options: dict[str, Any] = {"compression": "zstd", "store_schema": False, "store_decimal_as_integer": True}
    options["use_dictionary"] = ["customer_id", "currency", "source_code"]
    with written_whole(path) as partial:
        pq.write_table(table, partial, row_group_size=1 << 18, **options)


def write_description(out: Path, description: dict[str, Any]) -> None:
    """Write what was simulated and how.

    Args:
        out: Directory of the simulation.
        description: JSON-ready facts.
    """
    text = json.dumps(description, indent=2, sort_keys=True) + "\n"
    write_text(out / DESCRIPTION, text)


def prepare_directory(out: Path) -> None:
    """Make an empty place for the files; an earlier simulation's own files are removed, nothing else ever is.

    Args:
        out: Directory of the simulation.

    Raises:
        MicrosegError: `out` is a file, or holds something that is no simulation.
    """
    if out.exists() and not out.is_dir():
        raise MicrosegError(f"{out} is a file; give a directory for the simulated bank with --out")
    if out.is_dir() and any(out.iterdir()) and not (out / DESCRIPTION).is_file():
        raise MicrosegError(f"{out} is not empty and holds no simulation; choose another directory with --out")
    for stale in [*out.glob("transactions-*.parquet*"), *out.glob("transactions-*.csv*")]:
        stale.unlink()
    shutil.rmtree(out / "truth", ignore_errors=True)
    (out / "truth").mkdir(parents=True)


def write_truth(
    out: Path, population: Population, first_month: date, income: FloatArray, rng: np.random.Generator
) -> None:
    """Write the latent truth to a directory that the pipeline's globs do not match.

    Args:
        out: Directory of the simulation.
        population: N customers.
        first_month: First simulated month.
        income: Yearly income at the start, EUR (N,).
        rng: Source of randomness of the labels.
    """
    calendar = np.array([np.datetime64(next_month(first_month, i)) for i in range(population.end_month.max() + 1)])
    switch = np.ma.MaskedArray(calendar[population.switch_month], population.switch_month == NEVER)
    columns: dict[str, Any] = {
        "customer_id": customer_ids(len(income)),
        "first_month": calendar[population.first_month],
        "end_month": calendar[population.end_month],
        "switch_month": pa.array(switch.data, mask=switch.mask),
        **_trait_columns(population.traits, ""),
        **_trait_columns(population.traits_after, "_after"),
        "income_eur": np.round(income, 2),
        "age": population.age,
        "bad_loan": draw_label(rng, population, BAD_LOAN),
        "covers_2000": draw_label(rng, population, COVERS_2000),
    }
    write_parquet(pa.table(columns), out / "truth" / "truth.parquet")


def _trait_columns(traits: FloatArray, suffix: str) -> dict[str, Any]:
    """One column a trait and the name of the dominant one."""
    columns: dict[str, Any] = {name + suffix: traits[:, i] for i, name in enumerate(TRAITS)}
    columns["dominant" + suffix] = [TRAITS[i] for i in traits.argmax(axis=1)]
    return columns
