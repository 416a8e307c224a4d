"""Results as JSON documents (`--json`) and by themselves (`--quiet`)."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.flows.banks import Bank, copy_bank
from tests.flows.test_cli import told

pytestmark = [pytest.mark.flow, pytest.mark.timeout(600), pytest.mark.usefixtures("without_gates")]
NIGHT = "2025-10-31"
STATUS = {"healthy", "headline", "facts", "findings"}
RUN = {"as_of", "headline", "stages", "home", "parquet", "report"}
STAGE = {"stage", "seconds", "rows", "note", "peak_mib"}
SHOWN = {
    "as_of",
    "transactions",
    "customers",
    "published",
    "current",
    "moved",
    "late_rows",
    "features_let_go",
    "features_stay",
    "skipped",
    "last_backfill",
}
REBUILT = {"as_of", "status", "customers", "seconds", "model", "snapshot", "message"}
EXPLAINED = {
    "segment",
    "in_words",
    "depth",
    "margin_degrees",
    "neighbour",
    "window",
    "as_of",
    "model_version",
    "active_steps",
    "dominant",
    "runner_up",
    "lead",
    "explained",
    "intercept",
    "residual",
    "weak",
    "changed",
    "reasons",
    "counterfactual",
    "sentences",
}


@pytest.fixture(scope="module")
def home(template: Bank, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    """A bank that no test of this module publishes anything else to."""
    bank = copy_bank(template, tmp_path_factory.mktemp("documents") / "bank")
    with pytest.MonkeyPatch.context() as patch:
        bank.enter(patch)
        yield bank


def document(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> dict[str, Any]:
    """The one JSON document that a command prints."""
    ended, out, err = told(capsys, *arguments, "--json", "--quiet")
    assert (ended, err) == (code, "")
    (line,) = out.splitlines()
    read = json.loads(line)
    assert isinstance(read, dict)
    return read


def test_where_the_warehouse_stands(home: Bank, capsys: pytest.CaptureFixture[str]) -> None:
    code, headline, _ = told(capsys, "status")
    status = document(capsys, "status", code=code)
    assert set(status) == STATUS
    assert status["healthy"] == (code == 0)
    assert headline.startswith(status["headline"])
    assert {key for finding in status["findings"] for key in finding} <= {"check", "broken", "remedy", "rows"}


def test_what_a_backfill_would_do_and_what_it_did(home: Bank, capsys: pytest.CaptureFixture[str]) -> None:
    shown = document(capsys, "backfill", "2025-09-01", NIGHT)
    assert not shown["for_real"]
    assert [(one["as_of"], one["published"]) for one in shown["dates"]] == [(NIGHT, True), ("2025-09-30", False)]
    assert set(shown["dates"][0]) == SHOWN
    done = document(capsys, "backfill", NIGHT, NIGHT, "--for-real")
    assert done["for_real"]
    assert [(set(one), one["status"]) for one in done["dates"]] == [(REBUILT, "succeeded")]


def test_an_explanation_names_nobody(home: Bank, capsys: pytest.CaptureFixture[str]) -> None:
    segments = "segments.current JOIN raw.customers USING (customer_key) WHERE depth > 0"
    asked = str(home.value(f"SELECT min(customer_id) FROM {segments}"))
    explained = document(capsys, "explain", asked)
    ids = {str(row[0]) for row in home.rows("SELECT customer_id FROM raw.customers")}
    assert ids & set(re.findall(r"[\w-]+", json.dumps(explained))) == set()
    assert set(explained) == EXPLAINED
    assert explained["sentences"] == told(capsys, "explain", asked)[1].splitlines()
    assert set(explained["reasons"][0]) == {"label", "contribution", "share", "usual", "amount"}


def test_a_night(home: Bank, capsys: pytest.CaptureFixture[str]) -> None:
    night = document(capsys, "run", "--as-of", NIGHT)
    assert set(night) == RUN
    assert night["as_of"] == NIGHT
    assert set(night["stages"][0]) == STAGE
    assert Path(night["parquet"]).is_dir()
    code, out, err = told(capsys, "run", "--as-of", NIGHT, "--quiet")
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == night["headline"]
    assert [line.split()[0] for line in out.splitlines()[1:]] == ["Report:", "Parquet:", "Warehouse:"]


def test_an_error_is_no_document(home: Bank, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = told(capsys, "explain", "nobody", "--json")
    assert (code, out, len(err.splitlines())) == (1, "", 1)


@pytest.mark.parametrize("keys", [STATUS, RUN, STAGE, SHOWN, REBUILT, EXPLAINED], ids=min)
def test_every_key_is_written_down(keys: set[str]) -> None:
    text = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
    assert {key for key in keys if f"`{key}`" not in text} == set()
