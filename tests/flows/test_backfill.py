"""Backfills give the tables that nightly runs give, however the range is split, and spare what is published."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from flows.backfill import backfill
from flows.cli import main
from flows.nightly import nightly
from tasks.operation.journal import Outcome
from tasks.publishing.backfill_tables import read_rebuilt
from tasks.stages.science import validate_segments
from tests.flows.banks import Bank, copy_bank
from tests.flows.progress_bars import newest_bars
from warehouse.errors import MicrosegError
from warehouse.settings import Settings

pytestmark = [pytest.mark.flow, pytest.mark.timeout(600), pytest.mark.usefixtures("without_gates")]
DECEMBER, JANUARY = date(2024, 12, 31), date(2025, 1, 31)
AUGUST, SEPTEMBER, OCTOBER = date(2025, 8, 31), date(2025, 9, 30), date(2025, 10, 31)
BARS = ("backfill", "aggregate-months", "aggregate-periods", "trace")
STATES = "SELECT as_of, arg_max(status, requested_at) FROM ops.backfill GROUP BY as_of ORDER BY as_of"


def test_any_split_gives_the_tables_of_the_nights(
    bank: Bank, template: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = bank.checksums()
    assert [window.as_of for window in backfill(AUGUST, SEPTEMBER)] == [SEPTEMBER, AUGUST]
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
    assert "rebuilt" in september
    assert "1 of 2 dates rebuilt, 1 still to do" in out
    assert "1 of 2 dates failed, the first is 2025-08-31" in err
    assert bank.rows(STATES) == [(AUGUST, "failed"), (SEPTEMBER, "succeeded")]
    monkeypatch.setattr("flows.release.validate_segments", gate)
    assert main([*arguments, "--which", "failed"]) == 0
    out, _ = capsys.readouterr()
    assert "1 of 1 date rebuilt." in out
    assert str(SEPTEMBER) not in out
    assert bank.rows(STATES) == [(AUGUST, "succeeded"), (SEPTEMBER, "succeeded")]


def test_a_date_on_which_nobody_can_be_segmented_is_no_success(bank: Bank, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backfill", str(DECEMBER), str(JANUARY), "--for-real"]) == 0
    out, _ = capsys.readouterr()
    told = {line[:10]: line for line in out.splitlines() if line[:2] == "20"}
    assert "skipped" in told[str(DECEMBER)]
    assert "no rows in the twelve months up to it" in told[str(DECEMBER)]
    assert "skipped" in told[str(JANUARY)]
    assert "nobody can be segmented: of 120 customers none is in a segment" in told[str(JANUARY)]
    assert "0 of 2 dates rebuilt, 2 skipped." in out
    assert bank.rows(STATES) == [(DECEMBER, "skipped"), (JANUARY, "skipped")]
    assert main(["status"]) == 0  # neither can be mended, so neither is broken


def test_the_result_names_the_model_and_a_snapshot_that_holds_the_release(bank: Bank) -> None:
    began = datetime.now(UTC)
    backfill(AUGUST, AUGUST, which="missing", dry_run=False)
    (rebuilt,) = read_rebuilt(Settings(), began)
    assert (rebuilt.as_of, rebuilt.status, rebuilt.customers) == (AUGUST, "succeeded", 120)
    assert rebuilt.model == bank.value("SELECT model_version FROM models.versions WHERE alias = 'champion'")
    at = f"SELECT count(*) FROM segments.by_date AT (VERSION => {{}}) WHERE as_of = DATE '{AUGUST}'"
    assert rebuilt.snapshot is not None
    assert bank.value(at.format(rebuilt.snapshot)) == 120
    assert bank.value(at.format(rebuilt.snapshot - 1)) == 0
    assert backfill(AUGUST, AUGUST, which="missing") == []
    assert [window.as_of for window in backfill(AUGUST, OCTOBER, which="missing")] == [SEPTEMBER]
