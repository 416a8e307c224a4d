"""Simulate a bank: six years of transactions in the `bank` contract, streamed month by month, with the truth apart.

Everything is a function of the arguments: no draw depends on the clock, on the order of the work, or on what was
written before. The result is a testing ground; what it shows about spending and personality was put in by us.
"""

import calendar
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pyarrow as pa

from model.simulation.levels import YearPlan
from model.simulation.lives import BankParameters
from model.simulation.tickets import (
    Month,
    Scene,
    Tickets,
    draw_codes,
    draw_income,
    draw_refunds,
    draw_tickets,
    draw_transfers,
    join_tickets,
    sort_tickets,
)
from model.types import IntArray
from tasks.simulator.bank import CODES, LABELS, MONTH, Bank, build_bank, stream, year_plans
from tasks.simulator.dirty import Salt
from tasks.simulator.files import (
    customer_ids,
    month_table,
    prepare_directory,
    write_description,
    write_parquet,
    write_truth,
)
from tasks.units.progress import Progress
from warehouse.errors import MicrosegError
from warehouse.months import next_month
from warehouse.reference.sets import load_reference

# Lives drawn at once: bounds the memory of a month's expected counts. Part of the seeding, so never a setting.
BLOCK = 4096
LARGEST_BANK = 1_000_000
DEFAULT_LAST_MONTH = date(2025, 12, 1)


@dataclass(frozen=True)
class SimulationSummary:
    """What a simulation wrote."""

    customers: int
    rows: int
    unknown_code_rows: int
    dirty_rows: int
    files: int
    first_month: date
    last_month: date
    seconds: float
    out: Path


def simulate(
    customers: int,
    years: int,
    seed: int,
    out: Path,
    *,
    dirty: bool = False,
    last_month: date = DEFAULT_LAST_MONTH,
    progress: Progress | None = None,
    parameters: BankParameters | None = None,
) -> SimulationSummary:
    """Write a simulated bank to a directory.

    Args:
        customers: Number of customers, 1 to 1,000,000.
        years: Simulated years.
        seed: Same arguments, same files.
        out: Directory: `transactions-YYYY-MM.parquet` each month (CSV if dirty), `truth/`, `simulation.json`.
        dirty: Salt the rows with every kind of bad row; how many of each is in `truth/dirty.json`.
        last_month: Any day of the last simulated month.
        progress: Called with the months written and the months there are.
        parameters: Other than the default ones.

    Returns:
        Counts and seconds.

    Raises:
        MicrosegError: An argument out of range, or `out` holds something else.
    """
    _check_arguments(customers, years, seed)
    started = perf_counter()
    bank = build_bank(customers, years, seed, load_reference("bank"), parameters)
    writer = _Writer(bank, out, dirty, last_month, 12 * years)
    for index, (tickets, codes) in enumerate(_months(bank, writer.first_month, years)):
        writer.write(index, tickets, codes)
        if progress:
            progress(index + 1, 12 * years, f"{next_month(writer.first_month, index):%Y-%m}", writer.rows)
    return writer.finish(perf_counter() - started)


def _check_arguments(customers: int, years: int, seed: int) -> None:
    """Refuse what can not be simulated."""
    if not 1 <= customers <= LARGEST_BANK:
        raise MicrosegError(f"--customers must be between 1 and {LARGEST_BANK:,}, got {customers:,}")
    if not 1 <= years <= 100:  # noqa: PLR2004  a bound against typing errors, not a property of anything
        raise MicrosegError(f"--years must be between 1 and 100, got {years}")
    if seed < 0:
        raise MicrosegError(f"--seed must not be negative, got {seed}")


def _months(bank: Bank, first_month: date, years: int) -> Iterator[tuple[Tickets, IntArray]]:
    """Each month's rows in the order of booking, with their codes."""
    for year, plan in enumerate(year_plans(bank, years)):
        for index in range(12 * year, 12 * year + 12):
            day = next_month(first_month, index)
            month = Month(index, day.month, calendar.monthrange(day.year, day.month)[1])
            tickets = play_month(bank, plan, month)
            rng = stream(bank.seed, CODES, index)
            yield tickets, draw_codes(rng, tickets.slot, bank.ranges, bank.parameters.unknown_share)


def play_month(bank: Bank, plan: YearPlan, month: Month) -> Tickets:
    """Draw all rows of a month.

    Args:
        bank: The bank.
        plan: The year the month is in.
        month: The month.

    Returns:
        Rows in the order of booking.
    """
    lives = bank.lives
    parts = []
    for block, start in enumerate(range(0, len(lives.customer), BLOCK)):
        rows = np.arange(start, min(start + BLOCK, len(lives.customer)))
        active = rows[(lives.start[rows] <= month.index) & (month.index < lives.stop[rows])]
        rng = stream(bank.seed, MONTH, month.index, block)
        parts.append(_play_block(rng, bank, plan, Scene(month, lives, active)))
    return sort_tickets(join_tickets(parts))


def _play_block(rng: np.random.Generator, bank: Bank, plan: YearPlan, scene: Scene) -> Tickets:
    """Purchases, refunds, income and transfers of some lives."""
    settings = bank.parameters
    tickets = draw_tickets(rng, scene, plan, bank.calibration, settings)
    refunds = draw_refunds(rng, tickets, scene.month, bank.calibration.regular, settings.refund_share)
    income = draw_income(rng, scene, bank.classes, bank.mean_income, settings.income_log_sd)
    transfers = draw_transfers(rng, scene, bank.classes + 1, settings.transfers_per_month)
    return join_tickets([tickets, refunds, income, transfers])


class _Writer:
    """Writes the months in their order and keeps count."""

    def __init__(self, bank: Bank, out: Path, dirty: bool, last_month: date, months: int) -> None:
        prepare_directory(out)
        self.bank, self.out, self.months = bank, out, months
        self.first_month, self.last_month = next_month(last_month, 1 - months), next_month(last_month, 0)
        self.ids, self.code_names = customer_ids(len(bank.population.income)), pa.array(bank.code_names)
        self.salt = Salt(bank.seed, self.last_month) if dirty else None
        self.rows = self.unknown = 0
        self._describe(complete=False)

    def write(self, index: int, tickets: Tickets, codes: IntArray) -> None:
        """Write one month."""
        month = next_month(self.first_month, index)
        table = month_table(tickets, codes, month, self.ids, self.code_names)
        name = f"transactions-{month:%Y-%m}"
        known = codes != self.bank.ranges.unknown
        if self.salt:
            self.salt.write(table, known, index, self.out / f"{name}.csv")
        else:
            write_parquet(table, self.out / f"{name}.parquet")
        self.rows += len(codes)
        self.unknown += int(np.count_nonzero(~known))

    def finish(self, seconds: float) -> SimulationSummary:
        """Write the truth and the description."""
        labels = stream(self.bank.seed, LABELS)
        write_truth(self.out, self.bank.population, self.first_month, self.bank.yearly_income, labels)
        bad = self.salt.write_counts(self.out, self.rows, self.unknown) if self.salt else 0
        self._describe(complete=True)
        return SimulationSummary(
            customers=len(self.ids),
            rows=self.rows,
            unknown_code_rows=self.unknown,
            dirty_rows=bad,
            files=self.months,
            first_month=self.first_month,
            last_month=self.last_month,
            seconds=seconds,
            out=self.out,
        )

    def _describe(self, complete: bool) -> None:
        """Say what this directory is; `complete` stays false when a run was interrupted."""
        facts: dict[str, Any] = {
            "simulated": True,
            "complete": complete,
            "reference": "bank",
            "customers": len(self.ids),
            "years": self.months // 12,
            "seed": self.bank.seed,
            "first_month": f"{self.first_month:%Y-%m}",
            "last_month": f"{self.last_month:%Y-%m}",
            "dirty": self.salt is not None,
            "rows": self.rows,
            "unknown_code_rows": self.unknown,
            "parameters": asdict(self.bank.parameters),
            "versions": {name: _version(name) for name in ("microseg", "numpy", "pyarrow")},
        }
        write_description(self.out, facts)


def _version(name: str) -> str:
    """Installed version of a package; a source tree that was never installed has none."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"
