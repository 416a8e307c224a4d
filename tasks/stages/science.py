"""The stages of the science as Prefect tasks: train where there is no champion, trace, segment, and their gates."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import duckdb

from expectations import features_angles, features_personality, features_trajectories, segments
from expectations.suite import Suite
from model.attractors import FixedPoints
from tasks.operation.journal import Outcome
from tasks.operation.validate import Gate, pass_gates
from tasks.operation.watching import counting
from tasks.science.attractors import find_attractors, save_attractors
from tasks.science.candidates import State, mark_candidate, read_candidate
from tasks.science.champions import Unfinished, champion_of, find_unfinished, record_decision
from tasks.science.drift import measure_drift
from tasks.science.features import build_features
from tasks.science.first_model import make_first_model
from tasks.science.model_store import Model, load, load_version, model_in_use, save
from tasks.science.reference_change import options_under, read_change
from tasks.science.retrain import Decision, Promote, decide, train_challenger, training_drift
from tasks.science.segment import build_segments
from tasks.science.segment_units import TABLES as SEGMENT_TABLES
from tasks.science.segment_units import Workers
from tasks.science.share_model import share_model
from tasks.science.trace_units import TABLES
from tasks.science.train import read_training_set
from tasks.stages.crew import crew_of
from tasks.stages.spending import gate_outcome
from tasks.stages.stage import stage
from tasks.units.progress import silent
from tasks.units.unit import Ask, in_transaction_by_units
from warehouse.connection import connect, in_transaction
from warehouse.errors import GateError
from warehouse.reference.sets import ReferenceSet
from warehouse.scratch import scratch
from warehouse.settings import Settings


@stage(name="train")
def train_first(settings: Settings, reference: ReferenceSet, as_of: date, run_id: str) -> Outcome:
    """Train a model where there is no champion; a later one comes from the retrain flow alone.

    Args:
        settings: Bounds on the number of customers, the seed.
        reference: Names the window to train on.
        as_of: Business date of the training data.
        run_id: Recorded as the writer.

    Raises:
        ModelError: There are too few customers to train on, or training diverged.
    """
    with connect(settings) as connection:
        champion = load(connection)
        if champion is not None:
            return Outcome(None, f"champion {champion.version} of {champion.as_of}")
        bar = counting("train", "Epochs, at most")
        model = make_first_model(
            connection, settings, as_of, reference.primary_window, run_id, lambda epoch, most, _: bar(epoch, most)
        )
    share_model(settings, model)
    return Outcome(
        model.customers, f"model {model.version}, trait R2 {model.metrics['trait_r2']:.2f} on the test customers"
    )


@stage(name="trace")
def trace(settings: Settings, as_of: date, version: str, run_id: str) -> Outcome:
    """Score, trace, direct and explain every customer, as a candidate.

    Without a version it is the champion, or the first model before its first release.

    Args:
        settings: Settings of the warehouse.
        as_of: Business date.
        version: The model to apply; empty: the one in use.
        run_id: Recorded as the writer.

    Raises:
        ModelError: There is no such model, or its bytes are damaged.
    """
    bar = counting("trace", "Chunks of customers")
    with connect(settings) as connection:
        model = load_version(connection, version) if version else model_in_use(connection)
        done = in_transaction_by_units(
            connection,
            lambda ask: build_features(connection, settings, model, as_of, run_id, bar, ask),
            crew_of(settings),
            TABLES,
            settings.commit_attempts,
            bar,
        )
    if done is None:
        return Outcome(0, "unchanged since its release")
    stand = done.steps - done.written
    others = f", {stand} of {done.steps} scores and states of steps stand" if stand else ""
    return Outcome(done.customers, f"customers and windows computed{others}")


@stage(name="validate-features")
def validate_features(settings: Settings, as_of: date, run_id: str) -> Outcome:
    """Pass the gates of a candidate's features."""
    suites = [table.suite(as_of) for table in (features_personality, features_trajectories, features_angles)]
    return _pass_candidate(settings, suites, as_of, run_id, "built")


@stage(name="segment")
def segment(settings: Settings, as_of: date) -> Outcome:
    """Cut the segments of a candidate."""
    with connect(settings) as connection, scratch(connection, settings) as files:
        candidate = read_candidate(connection, as_of)
        if candidate is None:
            return Outcome(0, "unchanged since its release")
        model = load_version(connection, candidate.model_version)

        def build(ask: Ask | None) -> int:
            return build_segments(connection, settings, model, as_of, Workers(ask, files) if ask else None)

        crew = crew_of(settings)
        bar = counting("segment", "Buckets of customers") if crew else silent
        rows = in_transaction_by_units(connection, build, crew, SEGMENT_TABLES, settings.commit_attempts, bar)
    return Outcome(rows, "customers segmented")


@stage(name="validate-segments")
def validate_segments(settings: Settings, as_of: date, run_id: str) -> Outcome:
    """Pass the gate of a candidate's segments; it may then be released."""
    suites = [segments.suite(as_of, min_size=settings.min_segment_size)]
    return _pass_candidate(settings, suites, as_of, run_id, "passed")


def _pass_candidate(settings: Settings, suites: Sequence[Suite], as_of: date, run_id: str, then: State) -> Outcome:
    with connect(settings, read_only=True) as connection:
        if read_candidate(connection, as_of) is None:
            return Outcome(0, "unchanged since its release")
    gates = [Gate(suite, {as_of.isoformat(): run_id}) for suite in suites]
    try:
        verdicts = pass_gates(settings, gates, as_of, run_id)
    except GateError as error:
        _mark(settings, as_of, "refused", str(error).splitlines()[-1].strip())
        raise
    _mark(settings, as_of, then)
    return gate_outcome(verdicts)


def _mark(settings: Settings, as_of: date, state: State, reason: str = "") -> None:
    with connect(settings) as connection:
        in_transaction(connection, lambda: mark_candidate(connection, as_of, state, reason), settings.commit_attempts)


@stage(name="drift")
def drift(settings: Settings, as_of: date, run_id: str) -> Outcome:
    """Compare the date with the training customers of the model that is applied."""
    with connect(settings) as connection:
        model = model_in_use(connection)
        measured = in_transaction(
            connection,
            lambda: measure_drift(connection, settings, model.version, model.window_name, as_of, run_id),
            settings.commit_attempts,
        )
    moved = [f"{one.measure} {one.value:+.2f} {one.level}" for one in measured if one.level != "steady"]
    return Outcome(len(measured), "; ".join(moved) or "all measures steady")


@stage(name="challenge", retries=0)
def challenge(settings: Settings, reference: ReferenceSet, as_of: date, promote: Promote, run_id: str) -> Decision:
    """Train a challenger, compare it with the champion on the same people, and keep it beside the champion.

    Returns:
        Whether it may be released; `microseg promote` does so later where a person wants it.
    """
    with connect(settings) as connection:
        stopped = _stopped_behind_its_release(connection, reference, as_of)
        champion = load_version(connection, stopped.previous) if stopped else champion_of(connection)
        change = read_change(connection, settings, champion, reference, as_of)
        data = read_training_set(connection, settings, as_of, reference.primary_window, reference.version)
        least = settings.min_segment_size
        own = change.own if change else data
        moved = training_drift(connection, champion, own) if own else []
        if stopped:
            challenger = load_version(connection, stopped.version)
            return replace(decide(challenger, champion, data, moved, "force", least, change), reason=stopped.reason)
        bar = counting("retrain", "Epochs, at most")
        options = options_under(reference, change, settings.seed)
        challenger = train_challenger(champion, data, change, options, least, lambda epoch, most, _: bar(epoch, most))
        decision = decide(challenger, champion, data, moved, promote, least, change)
        _keep(connection, settings, challenger, find_attractors(challenger, data), decision, as_of, run_id)
    share_model(settings, challenger)
    return decision


def _stopped_behind_its_release(
    connection: duckdb.DuckDBPyConnection, reference: ReferenceSet, as_of: date
) -> Unfinished | None:
    """Return this very retraining, if it was released and stopped before its end: it is not trained once more."""
    stopped = find_unfinished(connection, "retrain")
    if stopped is None or stopped.as_of != as_of:
        return None
    return stopped if load_version(connection, stopped.version).reference_version == reference.version else None


def _keep(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    challenger: Model,
    attractors: dict[str, FixedPoints],
    decision: Decision,
    as_of: date,
    run_id: str,
) -> None:
    def write() -> None:
        save(connection, challenger, "challenger", run_id)
        save_attractors(connection, challenger, attractors)
        if not decision.promoted:
            version, parent = challenger.version, challenger.parent
            record_decision(connection, version, parent, "refused", as_of, decision.reason, run_id)

    in_transaction(connection, write, settings.commit_attempts)
