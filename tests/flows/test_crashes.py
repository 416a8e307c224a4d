"""An error that nobody foresaw: one line, and a file that tells where it came from but quotes no value."""

from argparse import Namespace
from pathlib import Path

import pytest

from flows import crashes
from flows.cli import main
from flows.commands import commands
from warehouse.errors import SourceError

SECRET = "C-0042-SECRET"  # noqa: S105


def broken(_options: Namespace) -> int:
    try:
        return int(SECRET)
    except ValueError as error:
        raise KeyError(SECRET) from error


def told(capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = main(["status"])
    out, err = capsys.readouterr()
    assert out == ""
    return code, err


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MICROSEG_HOME", str(tmp_path / "home"))
    monkeypatch.setitem(commands, "status", broken)
    return tmp_path / "home"


def test_it_is_one_line_with_the_place_of_the_details(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, err = told(capsys)
    (kept,) = (home / "crashes").iterdir()
    assert code == 1
    assert err == (
        f"microseg: an unexpected error occurred (KeyError); details in {kept}; "
        "run again, and report it if it persists\n"
    )


def test_the_file_tells_where_but_quotes_nothing_and_is_the_users_alone(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told(capsys)
    (kept,) = (home / "crashes").iterdir()
    text = kept.read_text(encoding="utf-8")
    assert "in broken\n" in text
    assert text.index("builtins.KeyError") < text.index("raised after") < text.index("builtins.ValueError")
    assert SECRET not in text
    assert (kept.stat().st_mode & 0o777, kept.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_message_of_ours_is_kept_and_a_systems_error_keeps_its_reason() -> None:
    assert "nowhere.csv is empty" in crashes.trace_of(SourceError("nowhere.csv is empty"))
    trace = crashes.trace_of(PermissionError(13, "Permission denied", f"{SECRET}.csv"))
    assert "Permission denied" in trace
    assert SECRET not in trace


def test_debug_shows_the_trace(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MICROSEG_DEBUG", "1")
    with pytest.raises(KeyError, match=SECRET):
        main(["status"])
    assert not home.exists()


def test_a_home_that_cannot_be_written_is_one_line_too(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home.write_text("a file in its place")
    code, err = told(capsys)
    assert (code, len(err.splitlines())) == (1, 1)
    assert "MICROSEG_DEBUG=1" in err


def test_a_setting_that_cannot_be_read_hides_no_failure(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MICROSEG_TIMEZONE", "Mars/Olympus")
    code, err = told(capsys)
    assert (code, "KeyError" in err) == (1, True)


def test_only_the_newest_are_kept(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = home / "crashes"
    folder.mkdir(parents=True)
    for number in range(crashes.KEPT):
        (folder / f"2020-01-01T00-00-{number:02d}.000000Z.txt").touch()
    told(capsys)
    assert len(list(folder.iterdir())) == crashes.KEPT
    assert not (folder / "2020-01-01T00-00-00.000000Z.txt").exists()


@pytest.mark.parametrize("address", ["postgresql://night:hunter2@db/bank", "postgres:host=db password=hunter2"])
def test_a_password_on_the_command_line_is_refused(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--source", address]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("microseg: a password in --source can be seen by everybody on this machine: set MICROSEG_")
    assert len(err.splitlines()) == 1
    assert "hunter2" not in err
