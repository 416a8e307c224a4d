"""Model versions in the warehouse: the weights themselves and all that scoring needs, so that nothing is refitted."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime

import duckdb
import numpy as np

from model.angles import Frame
from model.network import TrainingOptions
from model.personality import Scaling
from model.surrogate import Surrogate
from model.types import FloatArray
from model.weights import Weights, digest, from_bytes, to_bytes
from tasks.science.drift import Distributions, write_baseline
from warehouse.errors import ModelError
from warehouse.queries import query


@dataclass(frozen=True, eq=False)
class Model:
    """A trained network with all that was fitted beside it.

    Attributes:
        weights: LSTM(3) and its read-out.
        scaling: Of the personality scores, from the training customers.
        frame: Rotation of the angles.
        surrogate: Linear surrogate of the state, (C, 3) and (3,).
        population_mean: Mean share of the training customers, (C,).
        share_ceiling: Their 99th percentile, (C,): shares beyond it are not suggested to anybody.
        options: How it was trained.
        window_name: Window it was trained on.
        as_of: Business date of the training data.
        customers: Number of training customers.
        customers_hash: SHA-256 of their keys.
        metrics: Figures on customers that the training did not see.
        parent: Version it was warm-started from; empty for none.
        baseline: Distributions of the training customers, which drift is measured against; not read back by `load`.
    """

    weights: Weights
    scaling: Scaling
    frame: Frame
    surrogate: Surrogate
    population_mean: FloatArray
    share_ceiling: FloatArray
    options: TrainingOptions
    window_name: str
    as_of: date
    customers: int
    customers_hash: str
    metrics: dict[str, float] = field(default_factory=dict)
    parent: str = ""
    baseline: Distributions = field(default_factory=dict)

    @property
    def version(self) -> str:
        """Twelve hexadecimal digits of what the model computes: equal models have equal names."""
        content = to_bytes(self.weights) + _arrays_json(self).encode()
        return digest(content)[:12]


def save(connection: duckdb.DuckDBPyConnection, model: Model, alias: str | None, run_id: str) -> None:
    """Write a model version, inside a transaction; one that is there already is left as it is, the champion too.

    Args:
        connection: Inside a transaction.
        model: What to write.
        alias: ``champion`` or ``challenger`` takes the alias from the present one; None for neither.
        run_id: Recorded as the writer.
    """
    held = "SELECT alias FROM models.versions WHERE model_version = $1"
    row = connection.execute(held, [model.version]).fetchone()
    if row is None:
        _insert(connection, model, run_id)
    if alias and row != ("champion",):
        set_alias(connection, model.version, alias)


def _insert(connection: duckdb.DuckDBPyConnection, model: Model, run_id: str) -> None:
    reference = connection.execute("SELECT reference, content_hash FROM ref.sets").fetchone() or ("", "")
    weights = to_bytes(model.weights)
    line = {
        "model_version": model.version,
        "reference": reference[0],
        "reference_hash": reference[1],
        "window_name": model.window_name,
        "as_of": model.as_of,
        "weights": weights,
        "weights_sha256": digest(weights),
        "arrays": _arrays_json(model),
        "parameters": json.dumps(asdict(model.options), sort_keys=True),
        "customers": model.customers,
        "customers_hash": model.customers_hash,
        "parent_version": model.parent or None,
        "run_id": run_id,
        "created_at": datetime.now(UTC),
    }
    connection.execute(query("models/insert_version"), line)
    insert = "INSERT INTO models.metrics (model_version, metric, value) VALUES ($1, $2, $3)"
    for metric, value in sorted(model.metrics.items()):
        connection.execute(insert, [model.version, metric, value])
    if model.baseline:
        write_baseline(connection, model.version, model.baseline)


def set_alias(connection: duckdb.DuckDBPyConnection, version: str, alias: str) -> None:
    """Give a version an alias and take it from whichever had it, inside a transaction."""
    connection.execute("UPDATE models.versions SET alias = NULL WHERE alias = $1", [alias])
    connection.execute("UPDATE models.versions SET alias = $1 WHERE model_version = $2", [alias, version])


def load(connection: duckdb.DuckDBPyConnection, alias: str = "champion") -> Model | None:
    """Read the model of an alias; None when there is none yet.

    Raises:
        ModelError: Its bytes are damaged.
    """
    row = connection.execute("SELECT model_version FROM models.versions WHERE alias = $1", [alias]).fetchone()
    return load_version(connection, str(row[0])) if row else None


def load_version(connection: duckdb.DuckDBPyConnection, version: str) -> Model:
    """Read one model.

    Raises:
        ModelError: There is no such version, or its bytes are damaged.
    """
    row = connection.execute(query("models/select_version"), {"model_version": version}).fetchone()
    if row is None:
        raise ModelError(f'there is no model {version}; `microseg query "FROM models.versions"` lists them')
    metrics = connection.execute("SELECT metric, value FROM models.metrics WHERE model_version = $1", [version])
    try:
        return _parse(row, dict(metrics.fetchall()))
    except (KeyError, TypeError, ValueError) as error:  # the first two: written by an older or newer microseg
        raise ModelError(f"model {version} cannot be used: {error}") from error


def model_in_use(connection: duckdb.DuckDBPyConnection) -> Model:
    """Return the champion, or the first model while it waits for its first release.

    Raises:
        ModelError: No model was trained yet.
    """
    model = load(connection) or load(connection, "challenger")
    if model is None:
        raise ModelError("no champion yet: run `microseg run` once, it trains one")
    return model


def _arrays_json(model: Model) -> str:
    named = {
        "scaling_mean": model.scaling.mean,
        "scaling_sd": model.scaling.sd,
        "frame": model.frame.rotation,
        "surrogate_coefficients": model.surrogate.coefficients,
        "surrogate_intercept": model.surrogate.intercept,
        "population_mean": model.population_mean,
        "share_ceiling": model.share_ceiling,
    }
    # Python writes the shortest decimal that reads back as the same double.
    return json.dumps({name: array.tolist() for name, array in named.items()}, sort_keys=True)


def _parse(row: Sequence[object], metrics: dict[str, float]) -> Model:
    weights, sha256, arrays_text, parameters, window_name, as_of, customers, customers_hash, parent = row
    named = {name: np.array(value, dtype=np.float64) for name, value in json.loads(str(arrays_text)).items()}
    return Model(
        weights=from_bytes(bytes(weights), str(sha256)),  # type: ignore[call-overload]
        scaling=Scaling(named["scaling_mean"], named["scaling_sd"]),
        frame=Frame(named["frame"]),
        surrogate=Surrogate(named["surrogate_coefficients"], named["surrogate_intercept"]),
        population_mean=named["population_mean"],
        share_ceiling=named["share_ceiling"],
        options=TrainingOptions(**json.loads(str(parameters))),
        window_name=str(window_name),
        as_of=as_of,  # type: ignore[arg-type]
        customers=int(str(customers)),
        customers_hash=str(customers_hash),
        metrics=metrics,
        parent=str(parent or ""),
    )
