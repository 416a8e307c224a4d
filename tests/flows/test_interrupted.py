"""Commands that move what is published, stopped behind their commit: run again they finish, and move nothing more."""

import json
from datetime import date
from pathlib import Path

import pytest

from flows.cli import main
from tests.flows.banks import Bank
from warehouse.settings import Settings

pytestmark = [pytest.mark.flow, pytest.mark.timeout(900), pytest.mark.usefixtures("short_retraining", "without_gates")]
CHAMPION = "SELECT model_version FROM models.versions WHERE alias = 'champion'"
CHANGES = (
    "SELECT action FROM models.promotions WHERE action IN ('first', 'promoted', 'rolled_back') ORDER BY decided_at"
)
UNTOLD = "SELECT count(*) FROM segments.releases WHERE announced_at IS NULL"
RETRAIN = ["retrain", "--promote", "force"]


def stopped(command: list[str], at: str = "tasks.stages.publishing.export") -> None:
    """Run a command that dies when it comes to write the Parquet files, or elsewhere."""

    def die(*_: object) -> Path:
        raise OSError(28, "No space left on device")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(at, die)
        assert main(command) == 1


def exported_model() -> str:
    manifest = Settings().home / "latest" / "release.json"
    return str(json.loads(manifest.read_text(encoding="utf-8"))["model_version"])


def test_retraining_and_roll_back_are_finished_not_repeated(bank: Bank, capsys: pytest.CaptureFixture[str]) -> None:
    first = str(bank.value(CHAMPION))
    stopped(RETRAIN)
    second = str(bank.value(CHAMPION))
    assert second != first
    assert exported_model() == first
    capsys.readouterr()
    assert main(["status"]) == 1
    assert "stale exports" in capsys.readouterr().out
    assert main(RETRAIN) == 0
    assert (str(bank.value(CHAMPION)), exported_model()) == (second, second)
    assert bank.rows(CHANGES) == [("first",), ("promoted",)]

    stopped(["rollback"])
    assert (str(bank.value(CHAMPION)), exported_model()) == (first, second)
    assert main(["rollback"]) == 0
    assert (str(bank.value(CHAMPION)), exported_model()) == (first, first)
    assert main(["rollback"]) == 1  # this one is meant: there is none before the first
    assert bank.rows(CHANGES) == [("first",), ("promoted",), ("rolled_back",)]
    capsys.readouterr()
    main(["status"])
    assert "stale exports" not in capsys.readouterr().out


def test_a_roll_back_that_could_not_tell_of_it_tells_when_it_is_run_again(bank: Bank) -> None:
    first = str(bank.value(CHAMPION))
    assert main(RETRAIN) == 0
    stopped(["rollback"], at="flows.retrain.announce")
    assert (str(bank.value(CHAMPION)), bank.value(UNTOLD)) == (first, 1)
    assert main(["rollback"]) == 0
    assert (str(bank.value(CHAMPION)), bank.value(UNTOLD)) == (first, 0)


def test_the_next_release_heals_the_files_of_another_date(bank: Bank) -> None:
    (Settings().home / "latest" / "release.json").write_text("{}")
    assert main(["run", "--as-of", "2025-11-30"]) == 0
    folder = Settings().home / "exports" / f"as_of={date(2025, 10, 31)}"
    assert json.loads((folder / "release.json").read_text(encoding="utf-8"))["as_of"] == "2025-10-31"
