"""One small bank that went through one night; tests write to copies of it."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial
from html import escape
from pathlib import Path

import pytest

from expectations.suite import Suite
from expectations.verdict import Verdict
from model.network import TrainingOptions
from tasks.stages import freshness, maintenance, publishing, reporting, science, spending
from tests.flows.banks import Bank, copy_bank, first_night, new_bank
from tests.support.eager import uncompiled
from tests.support.once import made_once
from warehouse.settings import Settings


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, prefect_server: None) -> Bank:
    """A bank whose champion was trained in its only night; the workers of one run of the tests share it."""
    root = made_once(tmp_path_factory, "template", _make_template)
    return Bank(root, root)


def _make_template(root: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        new_bank(root).enter(patch)
        first_night(date(2025, 10, 31))


@pytest.fixture
def bank(template: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bank:
    """A copy that a test may write to; its settings are in the environment."""
    copied = copy_bank(template, tmp_path / "bank")
    copied.enter(monkeypatch)
    return copied


@pytest.fixture
def short_retraining(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Stop after three epochs of more than a hundred, for tests that do not ask how good the challenger is."""
    monkeypatch.setattr("tasks.science.reference_change.TrainingOptions", partial(TrainingOptions, epochs=3))
    with uncompiled():
        yield


@pytest.fixture
def real_pages() -> None:
    """Let reports be read and drawn in full: for tests of what a page says, or of what it costs."""


@pytest.fixture(autouse=True)
def short_pages(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write pages that say of which release they are and no more, for tests that do not ask what is on them."""
    if "real_pages" not in request.fixturenames:
        monkeypatch.setattr("tasks.report.write.read_report", lambda *_: None)
        monkeypatch.setattr("tasks.report.write.render_report", headed)


def headed(_report: object, _links: object, told: Mapping[str, str]) -> str:
    return f'<meta name="microseg.release" content="{escape(json.dumps(told))}">'


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let stages that fail be tried again at once, as often as ever, and not after five and ten seconds."""
    from prefect import Task

    for module in (freshness, maintenance, publishing, reporting, science, spending):
        for stage in vars(module).values():
            if isinstance(stage, Task):
                monkeypatch.setattr(stage, "retry_delay_seconds", 0.01)


@pytest.fixture(scope="module")
def without_gates() -> Iterator[None]:
    """Let every gate pass unasked: they have tests of their own and would take two thirds of each night."""

    def unasked(_settings: Settings, suite: Suite, *_: object) -> Verdict:
        return Verdict(suite.name, suite.table, ())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tasks.operation.validate.validate", unasked)
        patch.setattr("tasks.stages.freshness.pass_freshness", lambda *_: [])
        yield
