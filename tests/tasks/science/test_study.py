"""The study, whole, on a small simulated bank: every table filled, and a report that needs no network."""

import re
from functools import partial
from html import unescape
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pytest

import tasks.study.comparison
from model.network import TrainingOptions
from tasks.science.attractors import find_attractors
from tasks.study.comparison import Study, read_study, run_study
from tasks.study.drawing import Drawing
from tasks.study.figures import APART, all_figures, cell_labels
from tasks.study.report import printed, spread, tables, write_report
from tests.flows.browser import CHROMIUM, FLAGS
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
    assert len(text) < 5 * 2**20
    assert "<script" not in text
    assert text.index("What came out") < text.index("<table")
    assert not re.search(r"\d\.000 ?classes|>\d+\.000<", text)
    assert all(drawing.told in unescape(text) for drawing in figures.values())


@pytest.mark.parametrize("depth", [2, 3, 4])
def test_cells_are_labelled_by_names_of_their_depth_without_covering_each_other(finished: Study, depth: int) -> None:
    assert finished.example is not None
    model = finished.example.model
    labels = cell_labels(model.weights.readout, model.frame, depth)
    assert len(labels) >= 8
    assert all(len(name.split(".")) == depth for name, _, _ in labels)
    across, up = APART[depth]
    pairs = combinations([place for _, *place in labels], 2)
    assert all(abs(a[0] - b[0]) > across or abs(a[1] - b[1]) > up for a, b in pairs)


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="no chromium at /usr/bin/chromium")
def test_the_report_can_be_read_by_everybody(finished: Study, tmp_path: Path) -> None:
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    assert finished.example is not None
    figures = all_figures(finished, find_attractors(finished.example.model, finished.data))
    path = write_report(finished, "About.", figures, tmp_path / "report")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for scheme, width in product(("light", "dark"), (390, 1280)):
            page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
            page.goto(path.as_uri())
            assert [fault["id"] for fault in Axe().run(page).response["violations"]] == []
            assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
        browser.close()


def test_an_angle_and_its_tick_stand_where_they_belong() -> None:
    drawing = Drawing("It <shows>.", "x", "y", (0.0, 10.0), (10.0, 0.0))
    drawing.line(np.array([0.0, 10.0, np.nan, 5.0]), np.array([0.0, 10.0, 1.0, 5.0]), "#000000", name="a")
    text = drawing.svg(1)
    assert 'points="70.0,20.0 880.0,460.0"' in text  # the axis points down, and a lone point is no line
    assert text.count("<polyline") == 1
    assert "It &lt;shows&gt;." in text


def test_spread_of_one_value_claims_no_deviation() -> None:
    assert spread([0.5]) == "0.500"
    assert spread([]) == "-"
