"""A gate that closes leaves all that readers see as it was; once the cause is fixed, the next run releases."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from flows.cli import main
from flows.nightly import nightly
from tests.flows.banks import Bank
from warehouse.connection import connect
from warehouse.errors import GateError
from warehouse.settings import Settings

pytestmark = [pytest.mark.flow, pytest.mark.timeout(900)]
NOVEMBER = date(2025, 11, 30)
PUBLISHED = ("features", "segments", "models")


def execute(*statements: str) -> None:
    with connect(Settings()) as connection:
        for statement in statements:
            connection.execute(statement)


MARK = "INSERT INTO raw.stale_months (month) VALUES (DATE '2025-11-01')"
# Which stage is preceded by what spoils its data, which gate must see it, and what repairs what no run makes again.
NEWEST = "FROM candidates.traced WHERE step = 6"
SPOILT = {
    "raw_transactions": (
        "flows.nightly.aggregate_months",
        ("UPDATE raw.transactions SET customer_key = 1000000 WHERE row_number = 7 AND booked_on >= '2025-11-01'", MARK),
        ("UPDATE raw.transactions SET customer_key = 1 WHERE customer_key = 1000000", MARK),
    ),
    "spend_monthly": (
        "flows.nightly.validate_spending",
        (
            "UPDATE spend.monthly SET amount = amount + 1 WHERE month = '2025-11-01'",
            "DELETE FROM ops.gates WHERE suite = 'spend_monthly'",
        ),
        (),
    ),
    "spend_by_period": (
        "flows.nightly.validate_spending",
        (
            "UPDATE spend.periods SET total = total / 2 WHERE period_id IN "
            "(SELECT period_id FROM spend.steps WHERE as_of = '2025-11-30' AND step = 6)",
            "DELETE FROM ops.gates",
        ),
        (),
    ),
    "features_personality": (
        "flows.release.validate_features",
        (f"UPDATE traces.scores SET coverage = 2 WHERE scores_id IN (SELECT scores_id {NEWEST})",),
        (),
    ),
    "features_trajectories": (
        "flows.release.validate_features",
        (f"UPDATE traces.states SET h1 = 1.5 WHERE states_id IN (SELECT states_id {NEWEST})",),
        (),
    ),
    "features_angles": (
        "flows.release.validate_features",
        (f"UPDATE traces.angles SET polar = -1 WHERE states_id IN (SELECT states_id {NEWEST})",),
        (),
    ),
    "segments": (
        "flows.release.validate_segments",
        ("UPDATE candidates.by_date SET segment = 'X' WHERE depth > 0",),
        (),
    ),
}


def exported(bank: Bank) -> dict[Path, bytes]:
    files = (*bank.root.glob("home/exports/*/*"), *bank.root.glob("home/latest/*"))
    return {path: path.read_bytes() for path in files}


def spoiling(stage: Callable[..., Any], statements: tuple[str, ...]) -> Callable[..., Any]:
    """The stage, after something else has spoilt what it reads."""

    def spoilt(*arguments: object) -> object:
        execute(*statements)
        return stage(*arguments)

    spoilt.__name__ = "spoilt"
    return spoilt


def test_every_gate_keeps_what_readers_see_and_lets_the_next_run_release(
    bank: Bank, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sent: list[str] = []
    monkeypatch.setattr("tasks.stages.publishing.emit_event", lambda event, **_: sent.append(event))
    before, files = bank.checksums(PUBLISHED), exported(bank)
    for suite, (place, spoil, repair) in SPOILT.items():
        module, _, name = place.rpartition(".")
        stage = getattr(__import__(module, fromlist=[name]), name)
        with monkeypatch.context() as patch:
            patch.setattr(place, spoiling(stage, spoil))
            with pytest.raises(GateError, match=f"gate {suite} is closed, nothing was published"):
                nightly(NOVEMBER)
        assert bank.checksums(PUBLISHED) == before, suite
        assert exported(bank) == files, suite
        if place.startswith("flows.release"):
            assert bank.rows("SELECT as_of, state FROM candidates.dates") == [(NOVEMBER, "refused")]
        execute(*repair)
    capsys.readouterr()
    assert main(["status"]) == 1
    assert "refused candidates" in capsys.readouterr().out
    assert sent == []
    nightly(NOVEMBER)
    assert bank.value("SELECT max(as_of) FROM segments.current") == NOVEMBER
    assert bank.rows("FROM candidates.dates") == []
    assert sent == ["microseg.segments.published"]
    assert bank.rows("SELECT count(*) FROM ops.gates WHERE subject = '2025-11'") == [(2,)]
