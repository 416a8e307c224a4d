"""Backfills give the tables that nightly runs give, however the range is split, and spare what is published."""

from datetime import date
from pathlib import Path

import pytest

from flows.backfill import backfill
from flows.cli import main
from flows.nightly import nightly
from tasks.operation.journal import Outcome
from tasks.stages.science import validate_segments
from tests.flows.banks import Bank, copy_bank
from tests.flows.progress_bars import newest_bars
from warehouse.errors import MicrosegError
from warehouse.settings import Settings

pytestmark = [pytest.mark.flow, pytest.mark.timeout(600), pytest.mark.usefixtures("without_gates")]
AUGUST, SEPTEMBER, OCTOBER = date(2025, 8, 31), date(2025, 9, 30), date(2025, 10, 31)
BARS = ("backfill", "aggregate-months", "aggregate-periods", "trace")
STATES = "SELECT as_of, arg_max(status, requested_at) FROM ops.backfill GROUP BY as_of ORDER BY as_of"


def test_any_split_gives_the_tables_of_the_nights(
    bank: Bank, template: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = bank.checksums()
    assert [window.as_of for window in backfill(AUGUST, SEPTEMBER)] == [AUGUST, SEPTEMBER]
    assert bank.checksums() == before  # a dry run writes nothing
    backfill(SEPTEMBER, SEPTEMBER, dry_run=False)
    backfill(AUGUST, AUGUST, dry_run=False)
    assert bank.value("SELECT max(as_of) FROM segments.current") == OCTOBER
    split = bank.dated([AUGUST, SEPTEMBER])
    whole = copy_bank(template, tmp_path / "whole")
    whole.enter(monkeypatch)
    backfill(AUGUST, SEPTEMBER, dry_run=False, max_parallel=2)
    assert whole.dated([AUGUST, SEPTEMBER]) == split
    bars = newest_bars()
    assert {key: bars[key] for key in BARS} == dict.fromkeys(BARS, 100.0)
    nights = copy_bank(template, tmp_path / "nights")
    nights.enter(monkeypatch)
    nightly(AUGUST)
    assert nights.dated([AUGUST]) == {name: [r for r in rows if AUGUST in r] for name, rows in split.items()}


def test_a_failed_date_does_not_stop_the_others_and_the_command_tells_why(
    bank: Bank, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gate = validate_segments

    def broken(settings: Settings, as_of: date, run_id: str) -> Outcome:
        if as_of == AUGUST:
            raise MicrosegError("gate closed\nand more lines")
        return gate(settings, as_of, run_id)

    monkeypatch.setattr("flows.release.validate_segments", broken)
    arguments = ["backfill", str(AUGUST), str(SEPTEMBER), "--for-real"]
    assert main(arguments) == 1
    out, err = capsys.readouterr()
    august, september = (
        next(line for line in out.splitlines() if line.startswith(str(d))) for d in (AUGUST, SEPTEMBER)
    )
    assert "failed" in august
    assert august.endswith("gate closed")
    assert "succeeded" in september
    assert "1 of 2 dates rebuilt, 1 still to do" in out
    assert "1 of 2 dates failed, the first is 2025-08-31" in err
    assert bank.rows(STATES) == [(AUGUST, "failed"), (SEPTEMBER, "succeeded")]
    monkeypatch.setattr("flows.release.validate_segments", gate)
    assert main([*arguments, "--only-failed"]) == 0
    out, _ = capsys.readouterr()
    assert "1 of 1 dates rebuilt." in out
    assert str(SEPTEMBER) not in out
    assert bank.rows(STATES) == [(AUGUST, "succeeded"), (SEPTEMBER, "succeeded")]
