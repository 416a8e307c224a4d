"""Training sets: who is held out depends on who they are; bad states are one clear line."""

from dataclasses import replace

import numpy as np
import pytest

from model.network import TrainingOptions
from model.weights import to_bytes
from tasks.science.train import read_training_set, train_model
from tests.tasks.science.conftest import AS_OF, Bank
from warehouse.connection import connect
from warehouse.errors import ModelError

pytestmark = pytest.mark.warehouse
FEW = TrainingOptions(epochs=3)


def test_roles_follow_identities_not_keys(bank: Bank) -> None:
    def roles() -> dict[str, bool]:
        with connect(bank.settings) as connection:
            data = read_training_set(connection, bank.settings, AS_OF, "bimonthly")
            ids = dict(connection.execute("SELECT customer_key, customer_id FROM raw.customers").fetchall())
        return {ids[key]: bool(train) for key, train in zip(data.panel.keys.tolist(), data.is_train, strict=True)}

    before = roles()
    with connect(bank.settings) as connection:
        for table in ("raw.customers", "spend.periods"):
            connection.execute(f"UPDATE {table} SET customer_key = 100000 - customer_key")
    assert list(roles().items()) == list(before.items())
    assert 0.1 < 1 - np.mean(list(before.values())) < 0.3


def test_training_twice_gives_the_same_model(bank_home: Bank) -> None:
    first, second = (train_model(bank_home.data, FEW) for _ in range(2))
    assert to_bytes(first.weights) == to_bytes(second.weights)
    assert first.version == second.version


def test_no_coefficients(bank_home: Bank) -> None:
    data = replace(bank_home.data, coefficients=np.zeros_like(bank_home.data.coefficients))
    with pytest.raises(ModelError, match="no class carries a coefficient"):
        train_model(data, FEW)


def test_constant_shares(bank_home: Bank) -> None:
    shares = np.zeros_like(bank_home.data.panel.shares)
    shares[..., 0] = 1.0
    with pytest.raises(ModelError, match="constant scores for"):
        train_model(replace(bank_home.data, panel=replace(bank_home.data.panel, shares=shares)), FEW)


def test_one_customer(bank: Bank) -> None:
    with connect(bank.settings) as connection:
        connection.execute("DELETE FROM spend.periods WHERE customer_key > 1")
        with pytest.raises(ModelError, match=r"^only \d customers have 3 or more active steps .* are needed to train$"):
            read_training_set(connection, bank.settings, AS_OF, "bimonthly")


def test_divergence_keeps_the_champion(bank_home: Bank) -> None:
    with pytest.raises(ModelError, match=r"diverged.*nothing was changed"):
        train_model(bank_home.data, TrainingOptions(epochs=5, learning_rate=float("inf")))
