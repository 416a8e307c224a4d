"""The commands on loads and rejects, as a user types them; no flow runs."""

from pathlib import Path

import pytest

from flows.cli import main
from tests.tasks.builders import Bank, new_bank, row, write_csv, write_reference

pytestmark = [pytest.mark.e2e, pytest.mark.warehouse]


@pytest.fixture
def bank(tmp_path: Path, migrated_home: Path, monkeypatch: pytest.MonkeyPatch) -> Bank:
    bank = new_bank(tmp_path / "home", write_reference(tmp_path / "reference"), migrated=migrated_home)
    monkeypatch.setenv("MICROSEG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MICROSEG_REFERENCE", str(tmp_path / "reference"))
    return bank


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[str], str]:
    code = main(arguments)
    out, err = capsys.readouterr()
    return code, out.splitlines(), err


def test_a_load_is_looked_at_withdrawn_and_let_back(
    bank: Bank, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bank.ingest(write_csv(tmp_path / "a.csv", [row(1), row(2, booked_at="2024-01-05"), row(3, amount="?")]))
    code, lines, _ = told(capsys, "loads")
    load_id, *cells = lines[-1].split()
    assert (code, cells[:5]) == (0, ["a.csv", "pending", "3", "2", "1"])
    assert told(capsys, "withdraw", load_id, "--reason", "test file") == (
        0,
        [
            f"withdrawn: load {load_id} (a.csv), 2 accepted rows",
            "The next `microseg run` updates 2 months.",
            f"It stays out until its content changes. To undo this: microseg withdraw --undo {load_id}",
        ],
        "",
    )
    again = told(capsys, "withdraw", load_id)
    assert again == (0, [f"load {load_id} (a.csv) is already withdrawn: none of its rows are loaded"], "")
    assert told(capsys, "loads")[1] == ["Loads: none"]
    assert told(capsys, "loads", "--all")[1][-1].endswith("test file")
    assert told(capsys, "withdraw", "--undo", load_id)[0] == 0
    assert bank.ingest(tmp_path / "a.csv").accepted == 2


def test_rejects_are_written_or_dismissed(bank: Bank, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bank.ingest(write_csv(tmp_path / "a.csv", [row(1, amount="?"), row(2, booked_at="?")]))
    out = tmp_path / "out.csv"
    assert told(capsys, "rejects", "--out", str(out), "--reason", "unparsable_date")[1][0].startswith("1 rejected rows")
    assert told(capsys, "rejects", "--dismiss", "--reason", "unparsable_date")[1] == [
        "1 rejected rows dismissed; they can no longer be replayed"
    ]
    assert told(capsys, "rejects", "--out", str(out))[1][0].startswith("1 rejected rows")
    with pytest.raises(SystemExit):
        main(["rejects"])


def test_a_backfill_without_dates_is_one_line(bank: Bank, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "backfill")[2] == "microseg: backfill needs the first and the last day, or --dismiss DATE\n"
    assert "did not fail; nor did any other" in told(capsys, "backfill", "--dismiss", "2026-01-31")[2]
