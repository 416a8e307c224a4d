"""What a failed date leaves in ops.backfill and in the log: our own message, or the kind of an unforeseen error."""

import logging
from datetime import date
from pathlib import Path

import pytest

from flows import backfill
from tests.tasks.builders import write_reference
from warehouse.errors import GateError
from warehouse.settings import Settings

SECRET = "C0042SECRET"  # noqa: S105
DAY = date(2024, 6, 30)


@pytest.mark.parametrize(
    ("raised", "kept"),
    [
        (GateError("a gate is closed"), "a gate is closed"),
        (ValueError(f"could not convert {SECRET}"), "an unexpected error occurred (ValueError); details in "),
    ],
)
def test_a_failed_date_tells_no_value(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    raised: Exception,
    kept: str,
) -> None:
    def fail(*_arguments: object) -> None:
        raise raised

    marked: list[tuple[object, ...]] = []
    monkeypatch.setenv("MICROSEG_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(backfill, "get_run_logger", lambda: logging.getLogger("flow"))
    monkeypatch.setattr(backfill, "mark", lambda *line: marked.append(line[2:]))
    monkeypatch.setattr(backfill, "aggregate_periods", fail)
    reference = write_reference(tmp_path / "reference")
    assert not backfill._one_date(Settings(), reference, DAY, "recompute", "run")
    _, (_, status, message) = marked
    assert status == "failed"
    assert str(message).startswith(kept)
    crashes = [path.read_text() for path in (tmp_path / "home").rglob("crashes/*")]
    assert len(crashes) == int(isinstance(raised, ValueError))
    assert SECRET not in caplog.text + str(message) + "".join(crashes)
