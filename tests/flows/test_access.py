"""Who may call the Prefect server of `microseg up`."""

import stat
from pathlib import Path

import pytest
from prefect.workers.process import ProcessWorker

from flows.access import CLIENT, SERVER, bounded_template, own_origins, require_password
from flows.processes import SetupError
from flows.up import up
from warehouse.settings import Settings


@pytest.fixture(autouse=True)
def nothing_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (SERVER, CLIENT, "PREFECT_API_URL", "PREFECT_UI_URL"):
        monkeypatch.setenv(name, "")  # taken back in the end, whatever the code sets
        monkeypatch.delenv(name)


def test_the_password_is_made_once_and_for_its_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    settings = Settings(home=tmp_path / "home")
    path = require_password(settings, "127.0.0.1")
    assert path is not None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    first = os.environ[SERVER]
    assert first == os.environ[CLIENT] == path.read_text()
    assert len(first) > 30
    monkeypatch.delenv(SERVER)
    assert require_password(settings, "localhost") == path
    assert os.environ[SERVER] == first
    assert require_password(Settings(home=tmp_path / "other"), "127.0.0.1") is None  # now it is one that was chosen


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "night.bank.example"])  # noqa: S104
def test_other_machines_need_a_password_that_was_chosen(
    tmp_path: Path, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path / "home")
    with pytest.raises(SetupError, match=f"set {SERVER} to NAME:PASSWORD"):
        up(settings, host, 4200, print)
    assert not settings.home.exists()
    monkeypatch.setenv(SERVER, "night:chosen")
    assert require_password(settings, host) is None


def test_only_our_own_pages_may_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_UI_URL", "https://night.bank.example/")
    assert own_origins("0.0.0.0", 4200) == "http://0.0.0.0:4200,https://night.bank.example"  # noqa: S104


def test_a_run_chooses_neither_command_nor_environment() -> None:
    bounded = bounded_template(ProcessWorker.get_default_base_job_template())
    assert set(bounded["variables"]["properties"]) == {"name", "labels", "stream_output"}
    assert {name: bounded["job_configuration"][name] for name in ("command", "env", "working_dir")} == {
        "command": None,
        "env": {},
        "working_dir": None,
    }
