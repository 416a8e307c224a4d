"""Settings that no machine can follow: one line that names the variable, or the file that it stands in."""

import os
from pathlib import Path

import pytest

from warehouse.errors import SettingsError
from warehouse.settings import Settings

pytestmark = pytest.mark.timeout(30)


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def refused() -> str:
    with pytest.raises(SettingsError) as caught:
        Settings()
    told = str(caught.value)
    assert told.isprintable()
    assert len(told) < 500
    return told


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("threads", "1000000", "MICROSEG_THREADS: Input should be less than or equal to 1024"),
        ("threads", "9" * 5000, "MICROSEG_THREADS: "),
        ("commit_attempts", "1000", "MICROSEG_COMMIT_ATTEMPTS: "),
        ("source_patience_minutes", "9" * 15, "MICROSEG_SOURCE_PATIENCE_MINUTES: "),
        ("queue_patience_minutes", "9" * 15, "MICROSEG_QUEUE_PATIENCE_MINUTES: "),
        ("run_patience_hours", "9" * 15, "MICROSEG_RUN_PATIENCE_HOURS: "),
        ("seed", "-1", "MICROSEG_SEED: "),
        ("home", "a" * 300, "MICROSEG_HOME: cannot be a folder: File name too long"),
        ("home", "a/" * 2000, "MICROSEG_HOME: must be a path of at most 3,000 bytes"),
        ("home", "a\nb", "MICROSEG_HOME: must be a path of at most 3,000 bytes of UTF-8 that can be printed"),
        ("home", "a\udcff", "MICROSEG_HOME: must be a path of at most"),
        ("home", "loop/home", "MICROSEG_HOME: cannot be a folder: "),
    ],
)
def test_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str) -> None:
    (tmp_path / "loop").symlink_to("loop")
    monkeypatch.setenv(f"MICROSEG_{name.upper()}", value)
    assert refused().startswith(told)


def test_a_dotenv_that_is_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".env")
    assert refused() == f"{tmp_path}/.env: not a file of at most 1,048,576 bytes; remove it"


def test_a_dotenv_without_end(tmp_path: Path) -> None:
    with (tmp_path / ".env").open("wb") as file:
        file.truncate(2 << 20)
    assert refused() == f"{tmp_path}/.env: not a file of at most 1,048,576 bytes; remove it"


def test_a_dotenv_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"MICROSEG_SEED=1\n\xff\n")
    assert refused() == f"{tmp_path}/.env: not UTF-8 (byte 17); write it again"


def test_a_dotenv_that_is_a_device_or_a_folder_is_none(tmp_path: Path) -> None:
    (tmp_path / ".env").symlink_to("/dev/null")
    assert Settings().seed == 0
    (tmp_path / ".env").unlink()
    (tmp_path / ".env").mkdir()
    assert Settings().seed == 0
