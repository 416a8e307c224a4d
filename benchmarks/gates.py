"""What the gates of spending cost beside the work they judge: after a first load, one new day, and over all months."""

import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from time import process_time
from typing import Any

from benchmarks.homes import bank_files, context_of, fresh_home
from benchmarks.measure import Case, Run, machine, run_once, table, timed, write
from benchmarks.nights import FIRST, NEXT, deliver, deliver_first
from warehouse.settings import Settings

GOAL = "goal: at most 10 % of the first load's data work in cpu seconds, and a peak of at most 1,024 MiB"


def work(case: Case) -> dict[str, Any]:
    """Load what was delivered, and sum it by month and period."""
    from tasks.intake.ingest import ingest_sources
    from tasks.spending.aggregate import refresh_monthly
    from tasks.spending.periods import refresh_by_period

    settings, as_of = settings_of(case), date.fromisoformat(case.options["as_of"])

    def all_of_it() -> int:
        accepted = ingest_sources(context_of(settings), [case.options["source"]]).accepted
        refresh_monthly(settings)
        refresh_by_period(settings, as_of, "benchmark")
        return accepted

    return timed(all_of_it)


def ask(case: Case) -> dict[str, Any]:
    """Pass the gates, those of a night or those of a maintenance; cpu seconds by suite, the import apart."""
    from tasks.operation.validate import history_gates, pass_gates, spending_gates

    settings, as_of = settings_of(case), date.fromisoformat(case.options["as_of"])
    context, by_suite = context_of(settings), {}

    def all_of_them() -> None:
        before = process_time()
        import expectations.counting  # noqa: F401 - to know its price

        by_suite["import of Great Expectations"] = process_time() - before
        bounds = context.reference, context.received_on
        if case.options["history"]:
            gates = history_gates(settings, *bounds)
        else:
            gates = spending_gates(settings, context.reference, as_of, context.received_on)
        for gate in gates:
            before = process_time()
            pass_gates(settings, [gate], as_of, "benchmark")
            by_suite[gate.suite.name] = process_time() - before

    return timed(all_of_them) | {"by_suite": by_suite}


def settings_of(case: Case) -> Settings:
    """Return the settings of the benchmark's own home."""
    return Settings(home=Path(case.scratch) / "gates-home", source="", catalog="", data_path="", reference="bank")


def measured(case: Case) -> list[tuple[str, Run, Run]]:
    """Run two nights and a maintenance on one home; return of each the data work and the gates."""
    source = Path(case.scratch) / "gates-source"
    shutil.rmtree(source, ignore_errors=True)
    deliver_first(Path(case.data), source)
    fresh_home(settings_of(case).home)
    first = _one("first load", case, source, FIRST)
    deliver("day", Path(case.data), source)
    figures = [first, _one("one new day", case, source, NEXT), _one("maintenance", case, source, NEXT, history=True)]
    shutil.rmtree(settings_of(case).home)
    return figures


def _one(name: str, case: Case, source: Path, as_of: date, history: bool = False) -> tuple[str, Run, Run]:
    options = {"source": str(source / "*.parquet"), "as_of": as_of.isoformat(), "history": history}
    given = Case(case.customers, case.data, case.scratch, options)
    done, gates = run_once("gates:work", given), run_once("gates:ask", given)
    print(f"  {name}: cpu {done.cpu:.1f} s and {gates.cpu:.1f} s, {gates.peak_mib:,.0f} MiB", flush=True)
    return name, done, gates


def bench(sizes: Sequence[int], cache: Path) -> None:
    """Measure every size and write results/gates.md."""
    lines = ["# Gates of raw rows, months and periods", "", f"Cpu seconds, each in a process of its own; {GOAL}."]
    for customers in sizes:
        case = Case(customers, str(bank_files(customers, cache)), str(cache))
        lines += ["", f"## {customers:,} customers x 6 years", "", *by_suite(measured(case))]
    write("gates", [*lines, "", machine()])


def by_suite(figures: Sequence[tuple[str, Run, Run]]) -> list[str]:
    """Return a table: a column a night, a row a suite and a figure."""
    names = list(figures[0][2].facts["by_suite"])
    rows = [[name, *(f"{gates.facts['by_suite'].get(name, 0):.2f}" for _, _, gates in figures)] for name in names]
    rows += [
        ["**gates**", *(f"{gates.cpu:.2f}" for _, _, gates in figures)],
        ["data work", *(f"{done.cpu:.2f}" for _, done, _ in figures)],
        ["gates by data work", *(f"{gates.cpu / done.cpu:.1%}" for _, done, gates in figures)],
        ["peak MiB of the gates", *(f"{gates.peak_mib:,.0f}" for _, _, gates in figures)],
        ["peak MiB of the data work", *(f"{done.peak_mib:,.0f}" for _, done, _ in figures)],
    ]
    return table(["", *(name for name, *_ in figures)], rows)
