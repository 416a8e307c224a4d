"""Runs the flows without Prefect, their gates and TensorFlow: what a night does to the warehouse, in half a second.

Of a flow and its tasks the functions themselves are run, in this process; nobody is told of artifacts and events.
"""

import logging
import sys
from dataclasses import replace
from typing import Any
from zlib import crc32

import numpy as np
import prefect

import model.network
import tasks.science.train
from expectations import freshness
from expectations.suite import Suite
from expectations.verdict import Outcome, Verdict
from model.network import Training, TrainingOptions
from model.types import FloatArray
from model.weights import Weights
from warehouse.connection import connect
from warehouse.settings import Settings

_NOISE = 1e-3  # of the weights: another model, by which hardly anybody moves


def untold(*_: object, **__: object) -> None:
    """Tell nobody."""


STAND_INS: dict[str, Any] = {
    "create_link_artifact": untold,
    "create_markdown_artifact": untold,
    "emit_event": untold,
    "share_model": untold,  # a file for Keras, which takes seconds to import
    "get_run_logger": lambda: logging.getLogger("below_prefect"),
}
closed: set[str] = set()


def go_below() -> None:
    """Change the modules of this process for good: it is one that lives for these runs alone."""
    for name, module in list(sys.modules.items()):
        if name.startswith(("flows.", "tasks.stages.")):
            _replace(vars(module), tasks_too=name.startswith("flows."))
    for gate in ("tasks.operation.validate", "tasks.operation.freshness"):
        vars(sys.modules[gate])["validate"] = judge
    vars(tasks.science.train)["train"] = train
    vars(model.network)["train"] = train


def _replace(place: dict[str, Any], tasks_too: bool) -> None:
    place.update({name: stand_in for name, stand_in in STAND_INS.items() if name in place})
    works = {name: value.fn for name, value in place.items() if isinstance(value, prefect.Flow | prefect.Task)}
    place.update(works if tasks_too else {})


def judge(settings: Settings, suite: Suite, _as_of: object, run_id: str) -> Verdict:
    """Let every gate pass but those that are `closed`; that of the feeds by what was found, as ever."""
    with connect(settings, read_only=True) as connection:
        text = "SELECT 1 FROM ops.freshness WHERE run_id = $1 AND level = 'critical'"
        is_dead = suite.name == freshness.NAME and connection.execute(text, [run_id]).fetchone() is not None
    if not is_dead and suite.name not in closed:
        return Verdict(suite.name, suite.table, ())
    outcome = Outcome(suite.name, suite.table, "holds", None, "critical", "failed", "1 row does not", 1)
    return Verdict(suite.name, suite.table, (outcome,))


def train(
    shares: FloatArray,
    *_: object,
    scale: FloatArray,
    options: TrainingOptions,
    initial: Weights | None = None,
    **__: Any,
) -> Training:
    """Take weights that follow from the seed and from those to start from, instead of fitting them."""
    start = initial or _weights(np.random.default_rng(options.seed), shares.shape[2], options.units, scale)
    chance = np.random.default_rng(crc32(start.kernel.tobytes()))
    weights = replace(start, kernel=start.kernel + _NOISE * chance.normal(size=start.kernel.shape))
    return Training(weights, (), 1, 1)


def _weights(chance: np.random.Generator, classes: int, units: int, scale: FloatArray) -> Weights:
    kernel, recurrent = chance.normal(size=(classes, 4 * units)), chance.normal(size=(units, 4 * units))
    readout = chance.normal(size=(units, 5))
    return Weights(kernel, recurrent, np.zeros(4 * units), readout, None, scale)
