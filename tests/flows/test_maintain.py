"""What a maintenance lets go of is told by every command, and made again by the one that each of them names."""

import re
import shlex
from datetime import date
from pathlib import Path

import pytest
from prefect.artifacts import Artifact

from flows.cli import main
from flows.late_data import late_data
from flows.nightly import nightly
from flows.retrain import retrain
from tests.flows.banks import Bank, copy_bank
from warehouse.settings import Settings

pytestmark = [pytest.mark.flow, pytest.mark.timeout(900), pytest.mark.usefixtures("short_retraining", "without_gates")]
MONTH_END, OLD, NEW = date(2025, 10, 31), date(2025, 11, 1), date(2025, 11, 15)
ANGLES = f"SELECT count(*) FROM features.angles WHERE as_of = DATE '{OLD}'"
CUSTOMER = "SELECT customer_id FROM segments.current JOIN raw.customers USING (customer_key) WHERE depth > 0 LIMIT 1"


@pytest.fixture(scope="module")
def of_three_dates(template: Bank, without_gates: None, tmp_path_factory: pytest.TempPathFactory) -> Bank:
    """A bank of a month end, a date that is beyond the limit, and the newest; for copies."""
    bank = copy_bank(template, tmp_path_factory.mktemp("nights") / "bank")
    with pytest.MonkeyPatch.context() as patch:
        bank.enter(patch)
        nightly(OLD)
        nightly(NEW)
    return bank


@pytest.fixture
def nights(of_three_dates: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bank:
    bank = copy_bank(of_three_dates, tmp_path / "bank")
    bank.enter(monkeypatch)
    monkeypatch.setenv("MICROSEG_KEEP_DAYS", "7")
    return bank


def segments(bank: Bank) -> list[list[tuple[object, ...]]]:
    return [
        bank.rows(f"FROM segments.{name} ORDER BY ALL") for name in ("by_date", "history", "summary", "transitions")
    ]


def test_from_letting_go_to_making_again(nights: Bank, capsys: pytest.CaptureFixture[str]) -> None:
    def said(*command: str, code: int = 0) -> str:
        capsys.readouterr()
        assert main(list(command)) == code
        streams = capsys.readouterr()
        return streams.err + streams.out

    kept, old, published = nights.dated([MONTH_END, NEW]), nights.dated([OLD]), segments(nights)
    assert "1 business date let go of" in said("maintain")
    assert "nothing to do" in said("maintain").splitlines()[-1]
    assert nights.dated([MONTH_END, NEW]) == kept
    assert segments(nights) == published
    assert nights.value(ANGLES) == 0
    exports = {path.name for path in (Settings().home / "exports").iterdir()}
    assert exports == {f"as_of={MONTH_END}", f"as_of={NEW}"}

    assert "all as written" in said("verify")
    told = said("status")
    assert "of 1 published dates the features were let go of by retention" in told
    assert "stale exports" not in told
    assert said("explain", str(nights.value(CUSTOMER))).startswith("This customer is in segment")
    assert "by retention" not in said("query", f"SELECT count(*) FROM features.angles WHERE as_of = DATE '{NEW}'")
    assert "by retention" not in said("query", f"SELECT count(*) FROM segments.by_date WHERE as_of = DATE '{OLD}'")
    line = said("query", ANGLES)
    assert f"the features of {OLD} were let go of by retention" in line
    for asked in (["--at", str(OLD)], []):
        sql = f"SELECT count(*) FROM published.angles_v1 WHERE as_of = DATE '{OLD}'"
        assert f"the features of {OLD} were let go of by retention" in said("query", *asked, sql)
    shown = said("backfill", str(OLD), str(OLD), "--every", "day")
    assert "yes: let go of by retention" in shown
    assert "the next maintenance lets go of their features again" in shown
    again = said("backfill", str(OLD), str(OLD), "--every", "day", "--stages", "republish", "--for-real", code=1)
    assert "were let go of by retention" in again

    assert [window.gone for window in late_data(lookback_days=3000)] == [False, True, False]
    assert nights.value(ANGLES) == 0  # nothing came late: it stays away
    command = re.search(r"`microseg (backfill [^`]*)`", line)
    assert command is not None
    assert "1 of 1 date rebuilt." in said(*shlex.split(command[1]))
    assert nights.dated([OLD]) == old
    assert segments(nights) == published
    assert "1 business date let go of" in said("maintain")
    assert segments(nights) == published

    stages = str(nights.value("SELECT stages FROM ops.runs WHERE flow = 'maintain' ORDER BY rowid DESC LIMIT 1"))
    assert "2 folders of exports and reports" in stages
    assert "files in use" in str(Artifact.get("maintenance"))


def test_a_champion_goes_back_after_a_maintenance(nights: Bank) -> None:
    assert retrain(NEW, promote="force").promoted
    nightly(date(2025, 11, 26))
    assert main(["maintain"]) == 0
    assert nights.value(ANGLES) == 0
    champion = nights.value("SELECT model_version FROM models.versions WHERE alias = 'champion'")
    assert main(["rollback"]) == 0
    assert nights.value("SELECT model_version FROM models.versions WHERE alias = 'champion'") != champion
    assert nights.value("SELECT max(as_of) FROM segments.current") == date(2025, 11, 26)
