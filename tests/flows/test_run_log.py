"""What goes wrong in a run is one line of its log, and of the unforeseen the traceback is a file below the home."""

import logging
from pathlib import Path

import pytest
from prefect import flow

import flows.runner  # noqa: F401 - as every module with a flow does
from tasks.operation.journal import Outcome
from tasks.stages.stage import stage
from warehouse.errors import GateError, UnforeseenError

pytestmark = [pytest.mark.flow, pytest.mark.usefixtures("prefect_server")]
SECRET = "C0042SECRET"  # noqa: S105
GATE = GateError("a gate is closed:\n  amount is positive\n  7 rows are not")


@stage(name="break-down", retries=0)
def break_down(error: Exception) -> Outcome:
    raise error


@flow(name="breaking")
def breaking(error: Exception) -> None:
    break_down(error)


@pytest.mark.parametrize("error", [GATE, ValueError(f"{SECRET} is none")], ids=["ours", "unforeseen"])
def test_an_error_is_one_line_for_each_that_it_stops(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("MICROSEG_HOME", str(tmp_path / "home"))
    with caplog.at_level(logging.INFO), pytest.raises((GateError, UnforeseenError)):
        breaking(error)
    ours = [record for record in caplog.records if record.name in {"prefect.flow_runs", "prefect.task_runs"}]
    said = [record.getMessage() for record in ours if record.levelno >= logging.ERROR and "Finished" not in record.msg]
    assert [record for record in ours if record.exc_info or record.exc_text] == []
    assert len(said) == 2  # of the stage, and of the run
    assert [line for line in said if len(line.splitlines()) != 1] == []
    assert said[0].startswith("break down failed after 0.")
    assert SECRET not in caplog.text
    crashes = list((tmp_path / "home").rglob("crashes/*"))
    assert len(crashes) == int(error is not GATE)
    if crashes:
        assert f"details in {crashes[0]}" in said[1]
        assert "in break_down" in crashes[0].read_text()
    else:
        assert said[1] == "a gate is closed: amount is positive 7 rows are not"
