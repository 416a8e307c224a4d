"""A model under another reference version: built beside the tables, released with the set, and taken back exactly."""

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from model.network import TrainingOptions
from tasks.publishing.release import Promotion
from tasks.science.champions import predecessor, reference_of
from tasks.science.model_store import Model, load_version, save
from tasks.science.reference_change import options_under, read_change
from tasks.science.retrain import Decision, decide, train_challenger
from tasks.science.train import read_training_set
from tasks.spending.aggregate import refresh_monthly
from tasks.spending.periods import refresh_by_period
from tasks.spending.remap import build_periods
from tests.flows.reference_edits import ASTRAY, BY_CLASS, EDITS
from tests.support.checksums import table_checksums
from tests.support.release import build_and_release
from tests.tasks.science.conftest import AS_OF, Bank, two_month_bank
from warehouse.connection import connect, in_transaction
from warehouse.errors import ModelError
from warehouse.reference.sets import ReferenceSet, load_reference

pytestmark = pytest.mark.warehouse
LAYERS = ("raw", "ref", "spend", "features", "segments")


# What waits is kept here, beside what is in force.
BESIDE = {"ref.versions", "ref.class_versions", "spend.periods"}


def edited(folder: Path, name: str) -> ReferenceSet:
    two_month_bank(folder)
    (folder / "constraints.csv").unlink()
    EDITS[name](folder)
    return load_reference(folder)


def in_force(connection: duckdb.DuckDBPyConnection) -> dict[str, object]:
    tables: dict[str, object] = dict(table_checksums(connection, LAYERS))
    return {name: tables[name] for name in tables.keys() - BESIDE}


def challenge(connection: duckdb.DuckDBPyConnection, bank: Bank, reference: ReferenceSet) -> tuple[Model, Decision]:
    """What the retrain flow does, with a training too short to be good."""
    in_transaction(connection, lambda: build_periods(connection, reference, AS_OF))
    change = read_change(connection, bank.settings, bank.model, reference, AS_OF)
    assert change is not None
    data = read_training_set(connection, bank.settings, AS_OF, reference.primary_window, reference.version)
    options = replace(options_under(reference, change, 0), epochs=5)
    challenger = train_challenger(bank.model, data, change, options, 10)
    assert challenger.parent == bank.model.version
    in_transaction(connection, lambda: save(connection, challenger, "challenger", "run"))
    return challenger, decide(challenger, bank.model, data, [], "auto", 10, change)


@pytest.fixture
def champion(bank: Bank) -> Bank:
    """The bank, its model read back: it knows its reference version."""
    with connect(bank.settings) as connection:
        model = load_version(connection, bank.model.version)
        build_and_release(connection, bank.settings, model, AS_OF)
    return replace(bank, model=model)


# All other edits go there and back by the command line, in tests/flows/test_reference.py.
def test_there_and_back(champion: Bank, tmp_path: Path) -> None:
    reference = edited(tmp_path / "reference", "one_class_dropped")
    with connect(champion.settings) as connection:
        before = in_force(connection)
        challenger, _ = challenge(connection, champion, reference)
        assert in_force(connection) == before
        build_and_release(connection, champion.settings, challenger, AS_OF, Promotion("promoted", "for a test"))
        held = connection.execute("SELECT reference, reference_version FROM ref.sets").fetchone()
        assert held == (reference.name, reference.version)
        assert connection.execute("SELECT count(*) FROM ref.classes").fetchone() == (len(reference.classes),)
        assert connection.execute("SELECT reference_version FROM segments.releases").fetchall() == [(held[1],)]
        assert connection.execute(ASTRAY).fetchone() == (0,)
        spent = [connection.execute(BY_CLASS.format(t)).fetchall() for t in ("spend.monthly", "raw.transactions")]
        assert spent[0] == spent[1]
        after = in_force(connection)
        assert after != before
    assert refresh_monthly(champion.settings) == 0
    assert not refresh_by_period(champion.settings, AS_OF, "again").rows  # they are what a night would write
    with connect(champion.settings) as connection:
        connection.execute("DELETE FROM ops.provenance WHERE stage = 'periods'")
        connection.execute("DELETE FROM spend.steps WHERE as_of = $1", [AS_OF])
    assert refresh_by_period(champion.settings, AS_OF, "anew").rows
    with connect(champion.settings) as connection:
        assert in_force(connection) == after
        now, earlier = predecessor(connection)
        assert (now.version, earlier.version) == (challenger.version, champion.model.version)
        content = reference_of(champion.settings, earlier.version)
        in_transaction(connection, lambda: build_periods(connection, content, AS_OF))
        build_and_release(connection, champion.settings, earlier, AS_OF, Promotion("rolled_back", "for a test"))
        assert in_force(connection) == before
        change = read_change(connection, champion.settings, earlier, reference, AS_OF)
        assert change is not None
        assert change.rolled_back


def test_classes_that_mean_the_same_are_a_warm_start_and_others_a_cold_one(champion: Bank, tmp_path: Path) -> None:
    with connect(champion.settings) as connection:
        same = read_change(connection, champion.settings, champion.model, champion.reference, AS_OF)
        assert same is None
        warm = {}
        for name in EDITS:
            reference = edited(tmp_path / name, name)
            change = read_change(connection, champion.settings, champion.model, reference, AS_OF)
            assert change is not None
            warm[name] = change.warm
            assert (options_under(reference, change, 7) == TrainingOptions(seed=7)) == change.warm
    assert warm == {name: name in ("one_coefficient", "one_code_moved") for name in EDITS}


def test_whoever_moves_by_a_changed_set_is_no_objection_and_worse_figures_are(champion: Bank, tmp_path: Path) -> None:
    with connect(champion.settings) as connection:
        challenger, decision = challenge(connection, champion, edited(tmp_path / "r", "another_bank"))
        assert "keep their segment" not in decision.reason
        assert decision.champion["trait_r2"] == pytest.approx(champion.model.metrics["trait_r2"])
        assert decision.challenger["trait_r2"] == pytest.approx(challenger.metrics["trait_r2"])
        worse = decision.challenger["trait_r2"] < decision.champion["trait_r2"] - 0.02
        assert ("trait_r2 falls" in decision.reason) == worse
        assert sum(decision.movers.values()) > 0


def test_rows_that_arrive_before_the_release_close_it(champion: Bank, tmp_path: Path) -> None:
    with connect(champion.settings) as connection:
        challenger, _ = challenge(connection, champion, edited(tmp_path / "r", "one_code_moved"))
        before = in_force(connection)
        connection.execute("UPDATE spend.months SET version = 'other' WHERE month = DATE '2025-11-01'")
        with pytest.raises(ModelError, match="spending has changed since"):
            build_and_release(connection, champion.settings, challenger, AS_OF, Promotion("promoted", "for a test"))
        assert connection.execute("SELECT reference_version FROM ref.sets").fetchone() == (champion.reference.version,)
        after = in_force(connection)
    assert {name for name in before if before[name] != after[name]} == {"spend.months"}


def test_a_lost_version_says_so(champion: Bank) -> None:
    with connect(champion.settings) as connection:
        connection.execute("UPDATE models.versions SET reference_hash = 'lost'")
        model = load_version(connection, champion.model.version)
        change = read_change(connection, champion.settings, model, champion.reference, AS_OF)
        assert change is not None
        assert (change.own, change.warm) == (None, False)
        decision = decide(champion.model, model, champion.data, [], "never", 10, change)
        assert (decision.agreement, decision.champion) == (1.0, model.metrics)  # the same network again
    with pytest.raises(ModelError, match="does not hold"):
        reference_of(champion.settings, champion.model.version)
