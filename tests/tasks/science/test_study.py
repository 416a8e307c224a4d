"""The study, whole, on a small simulated bank: every table filled, and a report that needs no network."""

import re
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import tasks.study.comparison
from model.network import TrainingOptions
from tasks.science.attractors import find_attractors
from tasks.study.comparison import Study, read_study, run_study
from tasks.study.figures import all_figures
from tasks.study.report import printed, spread, tables, write_report
from tests.support.eager import uncompiled
from tests.tasks.science.conftest import AS_OF, Bank

pytestmark = pytest.mark.warehouse


@pytest.fixture(scope="module")
def finished(bank_home: Bank) -> Study:
    truth = bank_home.settings.home.parent / "simulated" / "truth" / "truth.parquet"
    short = partial(TrainingOptions, epochs=4)
    with pytest.MonkeyPatch.context() as patch, uncompiled():
        patch.setattr(tasks.study.comparison, "TrainingOptions", short)
        return run_study(read_study(bank_home.settings, AS_OF, truth), range(2))


def test_every_table_is_filled_for_both_seeds(finished: Study) -> None:
    for table in tables(finished):
        assert table.rows
        assert all(cell != "-" or "R2" in row[0] for row in table.rows for cell in row[1:])
    assert len(finished.figures["settled"]["trait R2"]) == 2
    assert len(finished.figures["shared"]["AMI LSTM, depth 1"]) == 2
    assert "kept from step to step" in printed(finished)


def test_fixed_points_are_complete(finished: Study) -> None:
    assert np.mean(finished.figures["shared"]["inputs whose fixed points are complete"]) == 1.0


def test_the_report_stands_alone_and_names_nobody(finished: Study, tmp_path: Path) -> None:
    assert finished.example is not None
    figures = all_figures(finished, find_attractors(finished.example.model, finished.data))
    page = write_report(finished, "About <this>.", figures, tmp_path / "report")
    text = page.read_text()
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=.https?:", text)
    assert "Figure 2d" in text
    assert "Figure 3" in text
    assert "About &lt;this&gt;." in text
    assert "C0000" not in text
    assert (tmp_path / "report" / "report.md").read_text().startswith("# Comparison with the paper")


def test_spread_of_one_value_claims_no_deviation() -> None:
    assert spread([0.5]) == "0.500"
    assert spread([]) == "-"
