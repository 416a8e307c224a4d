"""The study command: the comparison with the paper, on the sample, a simulated bank, or the current warehouse."""

from argparse import Namespace
from datetime import date
from pathlib import Path

from flows.terminal import quiet_prefect, say
from tasks.operation.watching import counting, under_way
from warehouse.connection import connect
from warehouse.errors import ModelError
from warehouse.settings import Settings


def study(options: Namespace) -> int:
    """Run the comparison and write its report."""
    quiet_prefect()
    from tasks.science.attractors import find_attractors
    from tasks.study.comparison import read_study, run_study
    from tasks.study.figures import all_figures
    from tasks.study.report import printed, write_report

    with under_way("prepare the data"):
        settings, as_of, truth, what = _data(options)
    seeds = range(options.seeds)
    with under_way("train"):
        read = read_study(settings, as_of, truth)
        result = run_study(read, seeds, counting("study", "Networks trained"))
    if result.example is None:
        raise ModelError("a study needs at least one seed: give --seeds 5")
    customers = len(result.data.panel.keys)
    about = (
        f"{what}, {customers:,} customers up to {as_of}, one in five held out for testing; mean and standard deviation "
        f"over {len(seeds)} seeds. The paper's data are private: its figures are shown beside ours, not replicated."
    )
    with under_way("draw"):
        figures = all_figures(result, find_attractors(result.example.model, result.data))
        report = write_report(result, about, figures, options.out or settings.home / "study-report")
    say("\n" + printed(result))
    say(f"\n{about}\nReport: {report}")
    return 0


def _data(options: Namespace) -> tuple[Settings, date, Path | None, str]:
    from tasks.study.prepare import prepare_sample, prepare_simulated

    if options.sample:
        return *prepare_sample(Settings()), None, "Real households (Complete Journey)"
    if options.simulate:
        return *prepare_simulated(
            Settings(), options.simulate, progress=counting("simulate", "Months written")
        ), "Simulated customers"
    with connect(Settings(), read_only=True) as connection:
        row = connection.execute("SELECT max(as_of) FROM spend.by_period").fetchone()
    if row is None or row[0] is None:
        raise ModelError("nothing is aggregated yet: run `microseg run` first, or give --sample or --simulate 26000")
    return Settings(), row[0], None, "The current warehouse"
