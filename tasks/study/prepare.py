"""Warehouses of the study's own, made by the pipeline's functions: the real sample, or a simulated bank."""

from datetime import date
from pathlib import Path

from tasks.intake.ingest import LoadContext, ingest_sources
from tasks.intake.sample import SAMPLE_AS_OF, write_sample
from tasks.simulator.simulate import simulate
from tasks.spending.aggregate import refresh_monthly
from tasks.spending.periods import refresh_by_period
from tasks.units.progress import Progress, silent
from warehouse.connection import connect, in_transaction
from warehouse.migrations import migrate
from warehouse.reference.sets import load_reference
from warehouse.reference.tables import apply_reference
from warehouse.settings import Settings

SIMULATED_AS_OF = date(2025, 12, 31)
YEARS = 6


def prepare_sample(settings: Settings) -> tuple[Settings, date]:
    """Aggregate the real sample in a home below the given one; a no-op when it is there."""
    own = settings.model_copy(update={"home": settings.home / "study" / "sample"})
    as_of = date.fromisoformat(SAMPLE_AS_OF)
    aggregate(own, "complete_journey", str(write_sample(own)), as_of)
    return own, as_of


def prepare_simulated(
    settings: Settings, customers: int, seed: int = 0, progress: Progress = silent
) -> tuple[Settings, date, Path]:
    """Simulate and aggregate a bank in a home below the given one; a no-op when it is there.

    Args:
        settings: The home.
        customers: Number of customers.
        seed: Of the bank.
        progress: Called with the months simulated and in total.

    Returns:
        Settings of the new home, the business date, and the file of the truth.
    """
    own = settings.model_copy(update={"home": settings.home / "study" / f"simulated-{customers}-{seed}"})
    bank = own.home / "bank"
    if not (bank / "simulation.json").exists() or '"complete": true' not in (bank / "simulation.json").read_text():
        simulate(customers, YEARS, seed, bank, progress=progress)
    aggregate(own, "bank", str(bank / "*.parquet"), SIMULATED_AS_OF)
    return own, SIMULATED_AS_OF, bank / "truth" / "truth.parquet"


def aggregate(settings: Settings, reference_name: str, pattern: str, as_of: date) -> None:
    """Load a source and write its periods, without an orchestrator.

    Args:
        settings: Of the warehouse that is written.
        reference_name: Name or folder of the reference set.
        pattern: Path or glob of the source.
        as_of: Business date of the periods.
    """
    reference = load_reference(reference_name)
    with connect(settings) as connection:
        migrate(connection, settings.commit_attempts)
        in_transaction(connection, lambda: apply_reference(connection, reference), settings.commit_attempts)
    context = LoadContext(settings, reference, "study", received_on=max(as_of, date.today()))
    ingest_sources(context, [pattern])
    refresh_monthly(settings)
    refresh_by_period(settings, as_of, "study")
