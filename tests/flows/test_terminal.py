"""What a first run leaves on a machine, and says on a terminal: nothing outside of the home, nothing of Prefect."""

import os
import pty
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from flows.terminal import quiet_prefect, stay_below
from warehouse.settings import Settings

FIRST_IMPORT = "from flows.terminal import quiet_prefect; quiet_prefect(); import prefect; print('imported')"
NAMES = ("PREFECT_HOME", "PREFECT_PROFILES_PATH", "KERAS_HOME", "DO_NOT_TRACK")


@pytest.fixture(autouse=True)
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home of the user, and a microseg that was never run."""
    for name in (*NAMES, "CI"):
        monkeypatch.setenv(name, "")  # so that it is put back
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.setenv("MICROSEG_HOME", str(tmp_path / "home"))
    (tmp_path / "user").mkdir()
    return tmp_path / "user"


def test_a_first_import_on_a_terminal_says_nothing_and_leaves_nothing(user: Path) -> None:
    child, terminal = pty.fork()
    if child == 0:
        os.execve(sys.executable, [sys.executable, "-c", FIRST_IMPORT], os.environ)  # noqa: S606 - ours
    said = b""
    with suppress(OSError):  # Linux raises once the child has closed its side
        while part := os.read(terminal, 1024):
            said += part
    _, status = os.waitpid(child, 0)
    assert status == 0, said
    assert said.decode().split() == ["imported"]
    assert list(user.iterdir()) == []


def test_what_the_user_has_set_stays(user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_HOME", str(user / "mine"))
    quiet_prefect()
    assert os.environ["PREFECT_HOME"] == str(user / "mine")


def test_a_profile_of_the_user_still_counts(user: Path) -> None:
    profiles = user / ".prefect" / "profiles.toml"
    profiles.parent.mkdir()
    profiles.touch()
    quiet_prefect()
    assert os.environ["PREFECT_PROFILES_PATH"] == str(profiles)


def test_commands_and_the_server_have_a_folder_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stay_below(Settings())
    assert os.environ["PREFECT_HOME"] == str(tmp_path / "home" / "prefect")
    monkeypatch.delenv("PREFECT_HOME")
    quiet_prefect()
    assert os.environ["PREFECT_HOME"] == str(tmp_path / "home" / "prefect" / "commands")
