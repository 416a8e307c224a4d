"""A run that is killed before it enters itself in ops.runs leaves a trace all the same."""

from datetime import date

import pytest

from tasks.operation.journal import Journal
from tasks.operation.liveness import lost_starts, starting
from tasks.operation.status import read_status
from warehouse.connection import connect
from warehouse.settings import Settings

pytestmark = pytest.mark.warehouse


def marks(settings: Settings) -> list[str]:
    return [path.name for path in (settings.home / "starting").glob("*")]


def test_it_is_named_by_status_and_entered_by_the_next_run(lake: Settings) -> None:
    (lake.home / "starting").mkdir()
    (lake.home / "starting" / "nightly-0123456789abcdef").write_text("")  # a lock that nobody holds
    [finding] = [each for each in read_status(lake).findings if each.check.name == "killed_starts"]
    assert finding.rows[0][0] == "nightly"
    assert finding.rows[0][1].startswith("killed before its first stage, started ")
    with Journal(lake, "nightly", date(2026, 1, 31)):
        pass
    assert marks(lake) == []
    with connect(lake, read_only=True) as connection:
        runs = connection.execute("SELECT run_id, status, message FROM ops.runs ORDER BY rowid").fetchall()
    assert runs[0] == ("0123456789abcdef", "failed", "killed before its first stage; nothing was changed")
    assert [status for _, status, _ in runs] == ["failed", "succeeded"]
    assert [each for each in read_status(lake).findings if each.check.name == "killed_starts"] == []


def test_a_living_one_is_not_lost_and_its_mark_goes_with_its_entry_or_its_end(lake: Settings) -> None:
    with starting(lake, "retrain"):
        assert len(marks(lake)) == 1
        assert lost_starts(lake) == []
        with Journal(lake, "retrain", date(2026, 1, 31)):
            assert marks(lake) == []
    with pytest.raises(ValueError, match="told"), starting(lake, "rollback"):
        raise ValueError("told")
    assert marks(lake) == []
