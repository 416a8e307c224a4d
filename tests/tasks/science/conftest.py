"""One small simulated bank, trained and segmented once; tests that write work on a copy of it."""

import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from model.network import TrainingOptions
from tasks.intake.ingest import LoadContext, ingest_sources
from tasks.science.attractors import find_attractors, save_attractors
from tasks.science.model_store import Model, save
from tasks.science.train import TrainingSet, evaluate, read_training_set, train_model, with_baseline
from tasks.simulator.simulate import simulate
from tasks.spending.aggregate import refresh_monthly
from tasks.spending.periods import refresh_by_period
from tests.support.release import build_and_release
from warehouse.connection import connect, in_transaction
from warehouse.reference.sets import SHIPPED, ReferenceSet, load_reference
from warehouse.reference.tables import apply_reference
from warehouse.settings import Settings

AS_OF = date(2025, 12, 31)
EARLIER = date(2025, 11, 30)


@dataclass(frozen=True)
class Bank:
    """A segmented warehouse with the model and the training set that it came from."""

    settings: Settings
    reference: ReferenceSet
    model: Model
    data: TrainingSet


def two_month_bank(folder: Path) -> ReferenceSet:
    """The shipped bank with steps of two months: a year of data is enough for it."""
    shutil.copytree(SHIPPED / "bank", folder)
    source = folder / "source.toml"
    text = source.read_text().replace('primary_window = "annual"', 'primary_window = "bimonthly"')
    source.write_text(text)
    return load_reference(folder)


@pytest.fixture(scope="session")
def bank_home(tmp_path_factory: pytest.TempPathFactory, migrated_home: Path) -> Bank:
    root = tmp_path_factory.mktemp("bank")
    reference = two_month_bank(root / "reference")
    simulate(customers=260, years=1, seed=3, out=root / "simulated", last_month=date(2025, 12, 1))
    settings = Settings(home=root / "home", min_training_customers=50, min_segment_size=10, min_active_steps=3)
    shutil.copytree(migrated_home, settings.home)
    with connect(settings) as connection:
        in_transaction(connection, lambda: apply_reference(connection, reference))
    context = LoadContext(settings, reference, "load", received_on=date(2026, 1, 1))
    ingest_sources(context, [str(root / "simulated" / "*.parquet")])
    refresh_monthly(settings)
    for as_of in (EARLIER, AS_OF):
        refresh_by_period(settings, as_of, "run")
    return _train(settings, reference)


def _train(settings: Settings, reference: ReferenceSet) -> Bank:
    with connect(settings) as connection:
        data = read_training_set(connection, settings, AS_OF, "bimonthly")
        model = with_baseline(evaluate(train_model(data, TrainingOptions(epochs=60)), data), data, 10)
        attractors = find_attractors(model, data)

        def write() -> None:
            save(connection, model, "champion", "run")
            save_attractors(connection, model, attractors)

        in_transaction(connection, write)
        build_and_release(connection, settings, model, AS_OF)
    return Bank(settings, reference, model, data)


@pytest.fixture
def bank(bank_home: Bank, tmp_path: Path) -> Bank:
    """A copy that a test may write to."""
    home = tmp_path / "copied home"
    shutil.copytree(bank_home.settings.home, home)
    settings = bank_home.settings.model_copy(update={"home": home})
    return Bank(settings, bank_home.reference, bank_home.model, bank_home.data)
