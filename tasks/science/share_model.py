"""Share a model: a .keras file for teams that serve Keras, and a run on an MLflow server where one is named."""

import logging
from dataclasses import asdict
from pathlib import Path

from model.network import export_keras
from model.vocabulary import STEPS
from tasks.science.model_store import Model
from warehouse.files import written_whole
from warehouse.settings import Settings

log = logging.getLogger("microseg")
# Stored under a former name, which warehouses made before still hold.
SHOWN_AS = {"unseen_customers": "test_customers"}


def share_model(settings: Settings, model: Model) -> Path:
    """Write `<home>/models/<version>.keras`, whole or not at all, and log the training to MLflow if asked for.

    What scoring needs lies in the warehouse; a server that cannot be reached costs a line in the log, not the night.

    Args:
        settings: `home` and `mlflow_tracking_uri`.
        model: A trained model.

    Returns:
        Path of the .keras file.
    """
    target = settings.home / "models" / f"{model.version}.keras"
    with written_whole(target) as partial:
        export_keras(model.weights, STEPS, partial)
    if settings.mlflow_tracking_uri:
        try:
            log_training(settings.mlflow_tracking_uri, model, target)
        except ImportError:
            log.warning("MLflow is not installed: pip install 'microseg[mlflow]'")
        except Exception as error:  # noqa: BLE001 - a copy elsewhere must not stop the run
            log.warning("MLflow at %s did not accept the training run: %s", settings.mlflow_tracking_uri, error)
    return target


def log_training(uri: str, model: Model, file: Path) -> None:
    """Log parameters, metrics, the card and the .keras file of one training to an MLflow tracking server."""
    import mlflow

    mlflow.set_tracking_uri(uri)
    mlflow.set_experiment("microseg")
    with mlflow.start_run(run_name=model.version):
        mlflow.log_params(asdict(model.options) | {"window": model.window_name, "as_of": str(model.as_of)})
        mlflow.log_metrics(model.metrics)
        mlflow.set_tags({"model_version": model.version, "parent": model.parent})
        mlflow.log_text(model_card(model), "model_card.md")
        mlflow.log_artifact(str(file))


def model_card(model: Model) -> str:
    """Return the card of one model in Markdown: what it was trained on, how, and how well it does."""
    figures = "\n".join(
        f"| {SHOWN_AS.get(name, name)} | {value:,.3f} |" for name, value in sorted(model.metrics.items())
    )
    return (
        f"# Model {model.version}\n\n"
        f"LSTM({model.weights.units}) over {model.weights.n_classes} classes, trained on {model.customers:,} customers "
        f"of the {model.window_name} window up to {model.as_of}; target {model.options.target}, seed "
        f"{model.options.seed}, warm start from {model.parent or 'none'}.\n\n"
        "A spending index, not a diagnosis: the coefficients are an authored stand-in unless the bank replaced them."
        "\n\n"
        f"| figure on test customers | value |\n|---|---|\n{figures}\n"
    )
