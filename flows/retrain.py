"""The retrain flow: a challenger is trained, compared, and promoted only when it is not worse."""

from datetime import date

from prefect import flow
from prefect.artifacts import create_markdown_artifact

from flows.business_date import business_date
from tasks.operation.journal import Journal
from tasks.operation.reference_choice import read_configured
from tasks.operation.tables import Table, render_markdown
from tasks.science.retrain import Decision, Promote
from tasks.stages.announce import announce
from tasks.stages.science import challenge, publish
from tasks.stages.spending import aggregate_periods, prepare
from warehouse.settings import Settings


@flow(name="retrain", flow_run_name="retrain-{as_of}", retries=0)
def retrain(as_of: date | None = None, promote: Promote = "auto") -> Decision:
    """Train a challenger and let it replace the champion if it is not worse.

    Alias, features and segments move together, in one commit. `microseg rollback` takes it back.

    Args:
        as_of: Business date of the training data. Empty: the date on which this run was scheduled.
        promote: auto: by the gates. never: keep the challenger for a person to look at. force: whatever the gates say.

    Returns:
        What became of the challenger, and why.
    """
    settings = Settings()
    reference = read_configured(settings)
    day = as_of or business_date(settings)
    prepare(settings, reference, retraining=True)
    with Journal(settings, "retrain", day) as journal:
        journal.run(aggregate_periods, settings, day, journal.run_id)
        decision = challenge(settings, reference, day, promote, journal.run_id)
        if decision.promoted:
            journal.run(publish, settings, day)
            announce(settings, day)
    _leave_report(decision, day)
    return decision


def _leave_report(decision: Decision, day: date) -> None:
    verdict = "promoted" if decision.promoted else "refused"
    names = sorted(decision.champion)
    figures = tuple((n, f"{decision.champion[n]:,.3f}", f"{decision.challenger[n]:,.3f}") for n in names)
    ordered = sorted(decision.movers.items(), key=lambda item: (-item[1], item[0]))
    movers = tuple((before, after, f"{count:,}") for (before, after), count in ordered)
    parts = [
        f"# Retraining of {day}: {verdict}",
        f"{decision.reason}. {decision.agreement:.1%} of customers keep their segment of depth 1.",
        render_markdown(Table("On the same unseen customers", ("figure", "champion", "challenger"), figures)),
        render_markdown(Table("Who would change", ("from", "to", "customers"), movers)),
    ]
    create_markdown_artifact("\n\n".join(parts), key="retrain-report", description=f"{verdict}: {decision.reason}")
