"""The stages of the science as Prefect tasks: train where there is no champion, trace, segment, publish."""

from datetime import date

from prefect import task
from prefect.cache_policies import NO_CACHE

from expectations import features_angles, features_personality, features_trajectories, segments_current
from model.network import TrainingOptions
from tasks.operation.journal import Outcome
from tasks.operation.validate import pass_gates
from tasks.publishing.exports import export
from tasks.science.attractors import find_attractors, save_attractors
from tasks.science.drift import measure_drift
from tasks.science.features import refresh_features
from tasks.science.model_store import Model, load, save
from tasks.science.retrain import Decision, Promote, align_to, current_drift, decide, promote_model, record_decision
from tasks.science.segment import refresh_segments
from tasks.science.share_model import share_model
from tasks.science.train import evaluate, read_training_set, train_model
from tasks.stages.spending import gate_outcome, progress_artifact, stage
from warehouse.connection import connect, in_transaction
from warehouse.errors import ModelError
from warehouse.reference.sets import ReferenceSet
from warehouse.settings import Settings


@stage(name="train")
def train_first(settings: Settings, reference: ReferenceSet, as_of: date, run_id: str) -> Outcome:
    """Train a champion where there is none; a later one comes from the retrain flow alone."""
    with connect(settings) as connection:
        champion = load(connection)
        if champion is not None:
            return Outcome(None, f"champion {champion.version} of {champion.as_of}")
        data = read_training_set(connection, settings, as_of, reference.primary_window)
        bar = progress_artifact("train", "Epochs, at most")
        model = train_model(data, TrainingOptions(seed=settings.seed), progress=lambda epoch, most, _: bar(epoch, most))
        model = evaluate(model, data)
        attractors = find_attractors(model, data)

        def write() -> None:
            save(connection, model, "champion", run_id)
            save_attractors(connection, model, attractors)
            record_decision(connection, model, "first", as_of, "no champion yet", run_id)

        in_transaction(connection, write, settings.commit_attempts)
    share_model(settings, model)
    return Outcome(
        model.customers, f"champion {model.version}, trait R2 {model.metrics['trait_r2']:.2f} on unseen customers"
    )


@stage(name="trace")
def trace(settings: Settings, as_of: date, run_id: str) -> Outcome:
    """Score, trace, direct and explain every customer whose input changed."""
    bar = progress_artifact("trace", "Chunks of customers")
    with connect(settings) as connection:
        model = champion_of(load(connection))
        done = in_transaction(
            connection, lambda: refresh_features(connection, model, as_of, run_id, bar), settings.commit_attempts
        )
    if done is None:
        return Outcome(0, "unchanged since the last run")
    return Outcome(done.computed, f"customers and windows computed, {done.carried:,} carried over")


@stage(name="validate-features")
def validate_features(settings: Settings, as_of: date, run_id: str) -> Outcome:
    """Pass the gates of the features."""
    suites = [each.suite(as_of) for each in (features_personality, features_trajectories, features_angles)]
    return gate_outcome(pass_gates(settings, suites, "validate-features", as_of, run_id))


@stage(name="segment")
def segment(settings: Settings, as_of: date, run_id: str) -> Outcome:
    """Publish the segments of the date."""
    with connect(settings) as connection:
        model = champion_of(load(connection))
        rows = in_transaction(
            connection, lambda: refresh_segments(connection, settings, model, as_of, run_id), settings.commit_attempts
        )
    return Outcome(rows, "customers segmented" if rows else "unchanged since the last run")


@stage(name="validate-segments")
def validate_segments(settings: Settings, as_of: date, run_id: str) -> Outcome:
    """Pass the gate of the segments."""
    suites = [segments_current.suite(as_of, table="segments.by_date", min_size=settings.min_segment_size)]
    return gate_outcome(pass_gates(settings, suites, "validate-segments", as_of, run_id))


@stage(name="publish")
def publish(settings: Settings, as_of: date) -> Outcome:
    """Write the Parquet files of the date."""
    with connect(settings, read_only=True) as connection:
        model = champion_of(load(connection))
    folder = export(settings, as_of, model.window_name, model.version)
    return Outcome(None, str(folder))


def champion_of(model: Model | None) -> Model:
    """Return the champion, or stop: there is nothing to score with."""
    if model is None:
        raise ModelError("no champion yet: run `microseg run` once, it trains one")
    return model


@stage(name="drift")
def drift(settings: Settings, as_of: date, run_id: str) -> Outcome:
    """Compare the date with the champion's training data."""
    with connect(settings) as connection:
        model = champion_of(load(connection))
        found = in_transaction(
            connection, lambda: measure_drift(connection, model, as_of, run_id), settings.commit_attempts
        )
    moved = [f"{each.measure} {each.value:+.2f} {each.level}" for each in found if each.level != "steady"]
    return Outcome(len(found), "; ".join(moved) or "all measures steady")


@task(name="challenge", cache_policy=NO_CACHE)
def challenge(settings: Settings, reference: ReferenceSet, as_of: date, promote: Promote, run_id: str) -> Decision:
    """Train a challenger, compare it with the champion on the same people, and promote or keep it."""
    with connect(settings) as connection:
        champion = champion_of(load(connection))
        data = read_training_set(connection, settings, as_of, reference.primary_window)
        bar = progress_artifact("retrain", "Epochs, at most")
        options = TrainingOptions(seed=settings.seed)
        trained = train_model(data, options, champion, progress=lambda epoch, most, _: bar(epoch, most))
        challenger = evaluate(align_to(trained, champion, data), data)
        attractors = find_attractors(challenger, data)
        moved = current_drift(connection, champion, as_of)
        decision = decide(challenger, champion, data, moved, promote, settings.min_segment_size)

        def write() -> None:
            if decision.promoted:
                promote_model(connection, settings, challenger, as_of, run_id)
            else:
                save(connection, challenger, "challenger", run_id)
            save_attractors(connection, challenger, attractors)
            action = "promoted" if decision.promoted else "refused"
            record_decision(connection, challenger, action, as_of, decision.reason, run_id)

        in_transaction(connection, write, settings.commit_attempts)
    share_model(settings, challenger)
    return decision
