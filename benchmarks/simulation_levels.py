"""Compare the simulated bank with the figures it was calibrated on, and report what it costs.

    python -m benchmarks.simulation_levels [--customers 6000] [--seed 1]

Writes benchmarks/results/simulation_levels.md. The survey's diaries last two weeks and are spread over the year, so
each simulated customer is looked at in one fortnight of the last year as well; classes surveyed over a year are
compared over the year.
"""

import argparse
import csv
import resource
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt

from model.simulation.lives import BankParameters
from model.vocabulary import TRAITS
from tasks.simulator.bank import CALIBRATION
from tasks.simulator.simulate import SimulationSummary, simulate
from warehouse.reference.sets import ReferenceSet, load_reference

RESULT = Path(__file__).parent / "results" / "simulation_levels.md"
FORTNIGHTS = 26
STRENGTHS = (0.0, 0.15, 0.30, 0.45, 0.60)
DIARY_DAYS = 14.0

DIARY_NOTE = """
Diary classes are compared over a fortnight, the others over a year. Levels are net of 1 % refunds. Zero shares are
above the survey's where the mean ticket of the payment diary, which sets how often people buy, is large for the
class, and where a class joins several survey codes, whose zero shares were multiplied as if independent. Spreads
are below the survey's because its two-week noise is taken out first and only half of the published ticket variance
is left within a customer."""

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Spending:
    """Net spend, EUR: by customer and class in the last two years, and in one fortnight of the last."""

    before: Array
    year: Array
    fortnight: Array
    whole_year: npt.NDArray[np.bool_]


def read_spending(summary: SimulationSummary, reference: ReferenceSet) -> Spending:
    """Sum the files by customer, class and year; customers who were away for part of the two years are marked."""
    con = duckdb.connect()
    con.execute("CREATE TABLE codes (source_code VARCHAR, class_id INTEGER)")
    pairs = [(code.source_code, code.class_id) for code in reference.codes if code.class_id is not None]
    con.executemany("INSERT INTO codes VALUES (?, ?)", pairs)
    shape = (summary.customers, len(reference.classes))
    last = summary.last_month.year
    away = con.execute(
        "SELECT first_month, end_month FROM read_parquet(?)", [str(summary.out / "truth" / "truth.parquet")]
    ).fetchall()
    stays = [start.year < last and end > summary.last_month for start, end in away]
    own = "(dayofyear(booked_at) - 1) // 14 = (substr(customer_id, 2)::INTEGER - 1) % 26"
    return Spending(
        before=_sums(con, summary.out, shape, f"year(booked_at) = {last - 1}"),
        year=_sums(con, summary.out, shape, f"year(booked_at) = {last}"),
        fortnight=_sums(con, summary.out, shape, f"year(booked_at) = {last} AND {own}"),
        whole_year=np.array(stays),
    )


def _sums(con: duckdb.DuckDBPyConnection, out: Path, shape: tuple[int, int], where: str) -> Array:
    sql = f"""SELECT substr(customer_id, 2)::INTEGER - 1 AS row, class_id, sum(-amount)::DOUBLE AS spend
              FROM read_parquet(?) JOIN codes USING (source_code) WHERE {where} GROUP BY ALL"""
    row, column, spend = con.execute(sql, [str(out / "*.parquet")]).fetchnumpy().values()
    table = np.zeros(shape)
    table[row, column] = np.maximum(spend, 0)
    return table


def class_table(spending: Spending, reference: ReferenceSet) -> list[str]:
    """One line a class: published and simulated level, zero share, spread."""
    lines = [
        "| class | level EUR/year: source | simulated | days | zero share: source | simulated | simulated, year "
        "| log-sd: source | simulated | simulated, year | source of the level |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|",
    ]
    with CALIBRATION.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    for column, (row, entry) in enumerate(zip(rows, reference.classes, strict=True)):
        diary = float(row["window_days"]) == DIARY_DAYS
        year = spending.year[spending.whole_year, column]
        seen = spending.fortnight[spending.whole_year, column] if diary else year
        lines.append(
            f"| {entry.label} | {float(row['level_eur']):,.0f} | {year.mean():,.0f} | {row['window_days']} "
            f"| {float(row['zero_share']):.2f} | {_zeros(seen):.2f} | {_zeros(year):.2f} "
            f"| {float(row['log_sd']):.2f} | {_log_sd(seen):.2f} | {_log_sd(year):.2f} | {row['level_source']} |"
        )
    return lines


def _zeros(amounts: Array) -> float:
    return float((amounts <= 0).mean())


def _log_sd(amounts: Array) -> float:
    return float(np.log(amounts[amounts > 0]).std()) if (amounts > 0).any() else float("nan")


def deviations(spending: Spending) -> list[str]:
    """How far the classes are from their sources, in three lines."""
    with CALIBRATION.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    diary = np.array([float(row["window_days"]) == DIARY_DAYS for row in rows])
    year = spending.year[spending.whole_year]
    seen = np.where(diary, spending.fortnight[spending.whole_year], year)
    level = year.mean(axis=0) / np.array([float(row["level_eur"]) for row in rows]) - 1
    zeros = (seen <= 0).mean(axis=0) - np.array([float(row["zero_share"]) for row in rows])
    spread = np.array([_log_sd(column) for column in seen.T]) - np.array([float(row["log_sd"]) for row in rows])
    names = ("level, relative", "zero share, difference", "log-sd, difference")
    lines = ["| simulated against source | median | middle 80 % of classes |", "|---|--:|---|"]
    for name, values in zip(names, (level, zeros, spread), strict=True):
        low, middle, high = np.nanquantile(values, [0.1, 0.5, 0.9])
        lines.append(f"| {name} | {middle:+.3f} | {low:+.3f} to {high:+.3f} |")
    return lines


def persistence(spending: Spending) -> Array:
    """Correlation of a class's share in one year with the next, per class (C,)."""
    before, after = (_shares(table[spending.whole_year]) for table in (spending.before, spending.year))
    return np.array([np.corrcoef(before[:, c], after[:, c])[0, 1] for c in range(before.shape[1])])


def _shares(table: Array) -> Array:
    return np.asarray(table / np.maximum(table.sum(axis=1, keepdims=True), 1e-9))


def trait_recovery(summary: SimulationSummary, spending: Spending, reference: ReferenceSet) -> tuple[Array, float]:
    """Correlation of each trait with its spending score in one year (5,), and how often the dominant trait is told."""
    columns = ", ".join(f"{name}_after" for name in TRAITS)
    sql = f"SELECT {columns} FROM read_parquet(?) ORDER BY customer_id"
    truth = duckdb.execute(sql, [str(summary.out / "truth" / "truth.parquet")]).fetchnumpy()
    traits = np.stack(list(truth.values()), axis=1)[spending.whole_year]
    scores = _shares(spending.year[spending.whole_year]) @ np.asarray(reference.coefficients)
    scores = (scores - scores.mean(axis=0)) / scores.std(axis=0)
    correlations = np.array([np.corrcoef(scores[:, i], traits[:, i])[0, 1] for i in range(5)])
    return correlations, float((scores.argmax(axis=1) == traits.argmax(axis=1)).mean())


def strength_lines(customers: int, seed: int, reference: ReferenceSet, scratch: Path) -> list[str]:
    """What the spending score knows about the traits at several strengths."""
    lines = [
        "| trait_strength | " + " | ".join(TRAITS) + " | mean | dominant trait told (chance 0.20) |",
        "|--:|" + "--:|" * 7,
    ]
    for strength in STRENGTHS:
        parameters = replace(BankParameters(), trait_strength=strength, ownership_strength=strength * 2 / 3)
        summary = simulate(customers, 2, seed, scratch / "strength", parameters=parameters)
        recovered, told = trait_recovery(summary, read_spending(summary, reference), reference)
        lines.append(
            f"| {strength:.2f} | " + " | ".join(f"{r:.2f}" for r in (*recovered, recovered.mean(), told)) + " |"
        )
    return lines


def cost_line(summary: SimulationSummary) -> str:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = sum(path.stat().st_size for path in summary.out.glob("*.parquet")) / 1e6
    return (
        f"{summary.customers:,} customers x {summary.files // 12} years: {summary.rows:,} rows "
        f"({summary.rows / summary.customers / summary.files:.1f} per customer and month), {summary.seconds:.1f} s, "
        f"{summary.rows / summary.seconds:,.0f} rows/s, {size:,.0f} MB, peak memory of the process {peak:,.0f} MiB."
    )


def report(customers: int, years: int, seed: int) -> str:
    reference = load_reference("bank")
    with tempfile.TemporaryDirectory() as scratch:
        summary = simulate(customers, years, seed, Path(scratch) / "bank")
        cost = cost_line(summary)
        spending = read_spending(summary, reference)
        kept = persistence(spending)
        low, middle, high = np.nanquantile(kept, [0.1, 0.5, 0.9])
        strengths = strength_lines(min(customers, 4_000), seed, reference, Path(scratch))
        return "\n".join(
            [
                "# The simulated bank against the figures it was calibrated on",
                f"\nSeed {seed}. {cost}",
                "\nEverything here is simulated; where it agrees with a survey it was made to.\n",
                *deviations(spending),
                DIARY_NOTE,
                f"\nShare of a class in a year against the next year, correlation over customers: median {middle:.2f}, "
                f"middle 80 % of classes {low:.2f} to {high:.2f}.",
                "\n## What a year's spending score knows about the latent traits\n",
                *strengths,
                "\n## Classes\n",
                *class_table(spending, reference),
                "",
            ]
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=6_000)
    parser.add_argument("--years", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(report(arguments.customers, max(arguments.years, 2), arguments.seed), encoding="utf-8")
    print(f"written {RESULT}")


if __name__ == "__main__":
    main()
