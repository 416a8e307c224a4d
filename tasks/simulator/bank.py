"""Put the simulated bank together: calibration file, reference set, people, lives and the random streams."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model.simulation.calibration import Calibration, Structure, season_table, structure_of
from model.simulation.levels import YearPlan, draw_tastes, drift, plan_year
from model.simulation.lives import BankParameters, Lives, Population, draw_population, lives_of
from model.simulation.tickets import CodeRanges
from model.types import FloatArray
from warehouse.errors import ReferenceSetError
from warehouse.reference.sets import SHIPPED, ReferenceSet

CALIBRATION = SHIPPED / "bank" / "calibration.csv"
RHYTHMS = ("tickets", "monthly")
UNKNOWN_CODE = "0000"
# Authored: what is left over goes to savings.
INCOME_OVER_SPEND = 1.15
# Names of the random streams; a stream's seed is (seed, name, ...), so no draw depends on how the work is cut.
PEOPLE, TASTES, YEAR, MONTH, CODES, LABELS, SALT = range(7)


@dataclass(frozen=True)
class Bank:
    """Everything that stays the same from month to month."""

    seed: int
    parameters: BankParameters
    population: Population
    lives: Lives
    calibration: Calibration
    structure: Structure
    ranges: CodeRanges
    code_names: tuple[str, ...]

    @property
    def classes(self) -> int:
        """Number of spending classes C; slot C is income and slot C + 1 own-account transfers."""
        return len(self.calibration.level)

    @property
    def mean_income(self) -> float:
        """Mean monthly income, EUR."""
        return float(self.calibration.level.sum()) / 12 * INCOME_OVER_SPEND

    @property
    def yearly_income(self) -> FloatArray:
        """Expected income of each customer, EUR a year (N,)."""
        log_sd = self.parameters.income_log_sd
        return np.asarray(12 * self.mean_income * np.exp(log_sd * self.population.income - log_sd**2 / 2))


def stream(seed: int, *names: int) -> np.random.Generator:
    """Open one of the simulation's random streams.

    Args:
        seed: The simulation's seed.
        *names: Which stream.

    Returns:
        A generator that depends on nothing else.
    """
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence([seed, *names])))


def build_bank(
    customers: int, years: int, seed: int, reference: ReferenceSet, parameters: BankParameters | None = None
) -> Bank:
    """Draw the people and derive the levels.

    Args:
        customers: Number of customers.
        years: Simulated years.
        seed: Seed of everything.
        reference: The `bank` reference set: classes, codes and coefficients.
        parameters: Other than the default ones.

    Returns:
        The bank, ready to be played month by month.

    Raises:
        ReferenceSetError: Calibration and classes do not fit, or a class has no code.
    """
    parameters = parameters or BankParameters()
    calibration = read_calibration(CALIBRATION, [entry.code for entry in reference.classes])
    population = draw_population(stream(seed, PEOPLE), customers, years, parameters)
    structure = structure_of(calibration, np.asarray(reference.coefficients, dtype=np.float64))
    ranges, names = code_ranges(reference)
    return Bank(seed, parameters, population, lives_of(population), calibration, structure, ranges, names)


def year_plans(bank: Bank, years: int) -> Iterator[YearPlan]:
    """Play the tastes forward.

    Args:
        bank: The bank.
        years: How many years.

    Yields:
        The plan of each year.
    """
    tastes = draw_tastes(stream(bank.seed, TASTES), bank.lives, bank.structure, bank.parameters)
    for year in range(years):
        tastes = drift(stream(bank.seed, YEAR, year), tastes, bank.parameters)
        yield plan_year(bank.lives, tastes, bank.structure, bank.calibration.regular, bank.parameters)


def read_calibration(path: Path, class_codes: Sequence[str]) -> Calibration:
    """Read the table of levels.

    Args:
        path: CSV with a commented header, a row per class in order of class_id.
        class_codes: Codes of the reference set's classes, in order of class_id.

    Returns:
        The calibration.

    Raises:
        ReferenceSetError: Rows missing, doubled or out of order, or a figure that can not be.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    if [(row["class_id"], row["code"]) for row in rows] != [(str(i), code) for i, code in enumerate(class_codes)]:
        raise ReferenceSetError(f"{path.name} must have one row per class of classes.csv, in order of class_id")
    calibration = Calibration(
        level=_column(rows, "level_eur"),
        zero_share=_column(rows, "zero_share"),
        log_sd=_column(rows, "log_sd"),
        window_days=_column(rows, "window_days"),
        ticket_median=_column(rows, "ticket_median"),
        ticket_log_sd=_column(rows, "ticket_log_sd"),
        regular=np.array([row["rhythm"] == "monthly" for row in rows]),
        season=season_table([row["season"] for row in rows]),
    )
    _check_calibration(calibration, rows, path.name)
    return calibration


def _column(rows: list[dict[str, str]], name: str) -> FloatArray:
    """One numeric column (C,)."""
    return np.array([float(row[name]) for row in rows])


def _check_calibration(calibration: Calibration, rows: list[dict[str, str]], name: str) -> None:
    """Refuse figures that no class can have, and say in which row."""
    good = (calibration.level > 0) & (calibration.zero_share >= 0) & (calibration.zero_share < 1)
    good &= (calibration.log_sd > 0) & (calibration.window_days > 0)
    good &= (calibration.ticket_median > 0) & (calibration.ticket_log_sd >= 0)
    good &= np.array([row["rhythm"] in RHYTHMS for row in rows])
    if not good.all():
        raise ReferenceSetError(f"{name}: class_id {rows[int(np.argmin(good))]['class_id']} has a figure out of range")


def code_ranges(reference: ReferenceSet) -> tuple[CodeRanges, tuple[str, ...]]:
    """List every code by the slot it belongs to.

    Args:
        reference: The `bank` reference set.

    Returns:
        Where each slot's codes stand, and the codes; the last one is unknown to the reference set.

    Raises:
        ReferenceSetError: A class, income or transfers have no code, or the set knows the code that none may know.
    """
    classes = len(reference.classes)
    slots: list[list[str]] = [[] for _ in range(classes + 2)]
    for code in reference.codes:
        if code.class_id is not None:
            slots[code.class_id].append(code.source_code)
        elif code.kind in ("income", "transfer"):
            slots[classes + (code.kind == "transfer")].append(code.source_code)
    slots[classes] = slots[classes][:1]  # everyone lives on the first kind of income: pay
    empty = [slot for slot, codes in enumerate(slots) if not codes]
    if empty:
        raise ReferenceSetError(
            f"source_codes.csv has no code for slot {empty[0]} of {classes} classes, income, transfer"
        )
    counts = np.array([len(codes) for codes in slots])
    names = tuple(code for codes in slots for code in codes)
    if UNKNOWN_CODE in names:
        raise ReferenceSetError(f"source_codes.csv maps {UNKNOWN_CODE}, which the simulator uses as an unknown code")
    return CodeRanges(np.cumsum(counts) - counts, counts, len(names)), (*names, UNKNOWN_CODE)
