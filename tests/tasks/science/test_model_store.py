"""Models in the warehouse: read back as they were written, and refused when damaged or foreign."""

from dataclasses import replace

import numpy as np
import pytest

from model.attractors import fixed_points
from model.weights import to_bytes
from tasks.science.attractors import save_attractors
from tasks.science.model_store import load, save, set_alias
from tests.tasks.science.conftest import Bank
from warehouse.connection import connect, in_transaction
from warehouse.errors import ModelError

pytestmark = pytest.mark.warehouse


def test_a_model_reads_back_bit_for_bit(bank_home: Bank) -> None:
    with connect(bank_home.settings, read_only=True) as connection:
        read = load(connection)
    assert read is not None
    assert read.version == bank_home.model.version
    assert to_bytes(read.weights) == to_bytes(bank_home.model.weights)
    assert np.array_equal(read.frame.rotation, bank_home.model.frame.rotation)
    assert read.metrics == bank_home.model.metrics


def test_no_champion_is_none(bank: Bank) -> None:
    with connect(bank.settings) as connection:
        connection.execute("UPDATE models.versions SET alias = NULL")
        assert load(connection) is None


def test_damaged_weights_are_refused_in_one_line(bank: Bank) -> None:
    with connect(bank.settings) as connection:
        connection.execute("UPDATE models.versions SET weights_sha256 = 'f00d'")
        with pytest.raises(ModelError, match=r"^model \w{12} cannot be used: weights: checksum"):
            load(connection)


def test_a_champion_of_another_microseg_is_refused_in_one_line(bank: Bank) -> None:
    with connect(bank.settings) as connection:
        connection.execute("UPDATE models.versions SET arrays = '{}'")
        with pytest.raises(ModelError, match=r"^model \w{12} cannot be used: 'scaling_mean'"):
            load(connection)


def test_a_champion_of_another_reference_version_still_loads(bank: Bank) -> None:
    with connect(bank.settings) as connection:
        connection.execute("UPDATE ref.sets SET reference_version = 'other'")
        assert load(connection) is not None


def test_saving_the_champion_again_as_a_challenger_leaves_it_champion(bank: Bank) -> None:
    with connect(bank.settings) as connection:
        in_transaction(connection, lambda: save(connection, bank.model, "challenger", "again"))
        rows = connection.execute("SELECT model_version, alias FROM models.versions").fetchall()
    assert rows == [(bank.model.version, "champion")]


def test_an_alias_belongs_to_one_version(bank: Bank) -> None:
    with connect(bank.settings) as connection:
        connection.execute("INSERT INTO models.versions BY NAME SELECT 'other' AS model_version, 'x' AS reference")
        in_transaction(connection, lambda: set_alias(connection, "other", "champion"))
        held = connection.execute("SELECT model_version FROM models.versions WHERE alias = 'champion'").fetchall()
    assert held == [("other",)]


def test_saving_twice_leaves_one_row(bank: Bank) -> None:
    with connect(bank.settings) as connection:
        in_transaction(connection, lambda: save(connection, bank.model, "champion", "again"))
        count = connection.execute("SELECT count(*), count(DISTINCT model_version) FROM models.versions").fetchone()
    assert count == (1, 1)


def test_attractors_are_complete(bank_home: Bank) -> None:
    with connect(bank_home.settings, read_only=True) as connection:
        rows = connection.execute("SELECT input, index_sum, residual FROM models.attractors").fetchall()
    assert "population mean" in {row[0] for row in rows}
    assert {row[1] for row in rows} == {1}
    assert max(row[2] for row in rows) < 1e-10


def test_an_attractor_at_the_origin_is_in_no_segment(bank: Bank) -> None:
    weights = bank.model.weights
    mute = replace(weights, kernel=0 * weights.kernel, recurrent=0 * weights.recurrent, bias=0 * weights.bias)
    points = fixed_points(mute, bank.model.population_mean, np.zeros((1, 3)))
    with connect(bank.settings) as connection:
        in_transaction(connection, lambda: save_attractors(connection, bank.model, {"at rest": points}))
        held = connection.execute("SELECT h1, segment FROM models.attractors").fetchall()
    assert held == [(0.0, "undetermined")]
