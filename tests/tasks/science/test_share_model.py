"""Sharing a model: a Keras file that computes the same, and an MLflow server that may be absent."""

import sys
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from model.trajectories import hidden_states, outputs
from tasks.science.share_model import model_card, share_model
from tests.tasks.science.conftest import Bank

pytestmark = pytest.mark.warehouse


def test_the_keras_file_computes_what_the_warehouse_says(bank: Bank) -> None:
    import keras

    file = share_model(bank.settings, bank.model)
    panel = bank.data.panel.take(np.arange(5))
    told = keras.models.load_model(file).predict(panel.shares, verbose=0)["memberships"]
    ours = outputs(bank.model.weights, hidden_states(bank.model.weights, panel.shares, panel.mask))
    assert np.allclose(told[panel.mask], ours[panel.mask], atol=1e-5)


class Recorder(ModuleType):
    """Stands for MLflow's module and remembers what it is told."""

    def __init__(self) -> None:
        super().__init__("mlflow")
        self.told: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name == "start_run":
            return self._run
        return lambda *arguments: self.told.__setitem__(name, arguments)

    @contextmanager
    def _run(self, run_name: str) -> Any:
        self.told["run_name"] = run_name
        yield


def test_a_training_is_logged_where_a_server_is_named(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = Recorder()
    monkeypatch.setitem(sys.modules, "mlflow", recorder)
    share_model(bank.settings.model_copy(update={"mlflow_tracking_uri": "http://127.0.0.1:1"}), bank.model)
    assert recorder.told["run_name"] == bank.model.version
    assert recorder.told["log_metrics"] == (bank.model.metrics,)
    assert recorder.told["log_text"][0] == model_card(bank.model)


def test_a_missing_library_is_one_line_in_the_log(
    bank: Bank, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    assert share_model(
        bank.settings.model_copy(update={"mlflow_tracking_uri": "http://127.0.0.1:1"}), bank.model
    ).exists()
    assert "microseg[mlflow]" in caplog.text
