"""Facts: the release in a few figures, the model that made it, and where its trajectories run to."""

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

from tasks.publishing.digest import newest_booking
from tasks.report.content import Release
from tasks.report.content_beside import Attractor, ModelFacts, State
from tasks.report.context import Context
from tasks.report.sizes import Row
from tasks.simulator.files import DESCRIPTION
from tasks.units.raw_rows import rows_by_months
from tasks.units.unit import Crew

PARAMETERS = {
    "target": "What the network learns to say",
    "units": "Hidden units",
    "seed": "Seed",
    "epochs": "Epochs at most",
    "batch_size": "Customers per step of the training",
    "learning_rate": "Learning rate",
    "patience": "Epochs without an improvement before the end",
    "readout_bias": "Read-out with a bias",
    "validation_share": "Share held out to end the training early",
    "kernel_l2": "Penalty on input weights",
    "recurrent_l2": "Penalty on recurrent weights",
}
TESTED = "unseen_customers"
METRICS = {
    "trait_r2": "Trait memberships explained (R squared, mean of the five)",
    "state_r2": "States explained by the linear surrogate (R squared)",
    TESTED: "Test customers, whom the training did not see",
}


def read_release(
    context: Context, rows: Sequence[Row], previous: date | None, year_ago: date | None, crew: Crew | None
) -> Release:
    """Return what the page is about.

    Args:
        context: The release.
        rows: Its segments, as they may be told.
        previous: The date published before.
        year_ago: The published date a year before.
        crew: Reads raw rows, where there are later ones; None: they are read here.
    """
    newest = newest_booking(context.connection, context.settings, context.as_of, crew)
    with_traits = [row for row in rows if row.depth]
    return Release(
        as_of=context.as_of,
        published_at=local(context, context.released_at),
        time_zone=context.settings.timezone,
        model_version=context.model_version,
        reference_version=context.reference_version,
        reference=context.reference,
        stand_in=context.stand_in,
        simulated=is_simulated(context),
        currency=currency(context, newest, crew),
        window_name=context.window_name,
        customers=sum(row.customers for row in rows),
        segmented=sum(row.customers for row in with_traits),
        segments=len(with_traits),
        min_size=context.min_size,
        newest_booking=newest,
        silent_days=(context.as_of - newest).days if newest else None,
        previous=previous,
        year_ago=year_ago,
    )


def local(context: Context, moment: datetime) -> datetime:
    """Return a moment in the configured time zone."""
    return moment.astimezone(ZoneInfo(context.settings.timezone))


def currency(context: Context, day: date | None, crew: Crew | None = None) -> str:
    """Return the currency of the rows of a day; empty where there are none, or they tell none."""
    if day is None:
        return ""
    days = day, day + timedelta(days=1)
    rows = rows_by_months(context.connection, context.settings, "report/select_currency", days, crew)
    return next((str(told) for (told,) in rows if told), "")


def is_simulated(context: Context) -> bool:
    """Tell whether what is in came from the simulator: it leaves a description beside the files that it writes."""
    folders = {Path(str(source)).parent for (source,) in context.rows("select_sources")}
    return any((folder / DESCRIPTION).is_file() for folder in folders)


def read_attractors(context: Context) -> list[Attractor]:
    """Return the fixed points of the model; none where nobody looked for them."""
    rows = context.rows("select_attractors", model_version=context.model_version)
    return [
        Attractor(str(given), cast("State", (h1, h2, h3)), bool(stable), str(segment))
        for given, h1, h2, h3, stable, segment in rows
    ]


def read_model(context: Context) -> ModelFacts:
    """Return what is known of the model; no figures that were measured on too few customers."""
    reasons = context.rows("select_champion_reason", model_version=context.model_version)
    text = "SELECT metric, value FROM models.metrics WHERE model_version = $1 ORDER BY metric"
    metrics: dict[str, float] = dict(context.connection.execute(text, [context.model_version]).fetchall())
    is_measured = metrics.get(TESTED, context.min_size) >= context.min_size
    parameters = json.loads(context.parameters or "{}")
    return ModelFacts(
        version=context.model_version,
        trained_as_of=context.trained_as_of,
        created_at=local(context, context.trained_at),
        customers=context.trained_on,
        reason=str(reasons[0][0]) if reasons else "",
        parameters=[(PARAMETERS.get(name, name), _in_words(value)) for name, value in parameters.items()],
        metrics=[(METRICS.get(name, name), value) for name, value in metrics.items()] if is_measured else [],
    )


def _in_words(value: object) -> str:
    """Return a parameter in words.

    >>> [_in_words(value) for value in (False, 0.001, "next_step")]
    ['no', '0.001', 'next step']
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).replace("_", " ")
