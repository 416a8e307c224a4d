"""Settings come from the environment, are checked, and put everything below one folder."""

from pathlib import Path

import duckdb
import pytest
from pydantic import ValidationError

from warehouse.errors import SettingsError
from warehouse.settings import Settings


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_defaults_lie_below_the_home(tmp_path: Path) -> None:
    settings = Settings()
    assert settings.catalog_uri == f"sqlite:{tmp_path}/microseg-data/catalog.sqlite"
    assert settings.data_uri == f"{tmp_path}/microseg-data/data/"


def test_environment_needs_the_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME_", "elsewhere")
    monkeypatch.setenv("TIMEZONE", "Mars/Olympus")
    monkeypatch.setenv("MICROSEG_HOME", "bank data")
    monkeypatch.setenv("MICROSEG_MAX_REJECT_RATE", "0.05")
    settings = Settings()
    assert settings.home == Path("bank data")
    assert settings.max_reject_rate == 0.05
    assert settings.timezone == "UTC"


def test_dotenv_is_read_and_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("MICROSEG_SEED=7\nMICROSEG_REFERENCE=mine\nOTHER=1\n")
    monkeypatch.setenv("MICROSEG_SEED", "8")
    settings = Settings()
    assert (settings.seed, settings.reference) == (8, "mine")


def test_production_addresses_are_taken_as_they_are() -> None:
    settings = Settings(catalog="postgres:dbname=lake host=db", data_path="s3://bucket/lake/")
    assert (settings.catalog_uri, settings.data_uri) == ("postgres:dbname=lake host=db", "s3://bucket/lake/")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_reject_rate", "1.5"),
        ("min_active_steps", "7"),
        ("min_segment_size", "9"),
        ("commit_attempts", "zero"),
        ("memory_limit", "plenty"),
        ("timezone", "Mars/Olympus"),
        ("timezone", "/etc"),
        ("catalog", "postgresql://microseg:hunter2@db/lake"),
        ("notify_webhook", "alerting.bank.example"),
        ("notify_slack", "https://slack.example/services/T0/B0/x"),
        ("notify_email", "night@bank.example"),
    ],
)
def test_values_that_cannot_be_are_refused_in_one_line(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=rf"^MICROSEG_{name.upper()}: ") as caught:
        Settings.model_validate({name: value})
    assert value not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.__context__ is None  # a traceback would print the value


def test_every_fault_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MICROSEG_SEED", "x")
    monkeypatch.setenv("MICROSEG_THREADS", "-1")
    with pytest.raises(SettingsError, match=r"MICROSEG_SEED: .*; MICROSEG_THREADS: "):
        Settings()


@pytest.mark.parametrize("limit", ["1500MB", "1.5 GiB", "1tb"])
def test_memory_limits_are_those_of_duckdb(limit: str) -> None:
    duckdb.connect(config={"memory_limit": Settings(memory_limit=limit).memory_limit}).close()


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        setattr(Settings(), "seed", 1)  # noqa: B010 - mypy would refuse the assignment, rightly


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MICROSEG_S3_SECRET", "hunter2")
    monkeypatch.setenv("MICROSEG_NOTIFY_EMAIL", "mailtos://night:hunter2@mail.example")
    monkeypatch.setenv("MICROSEG_CATALOG", "postgres:host=db password=hunter2")
    monkeypatch.setenv("MICROSEG_SOURCE", "postgresql://reader:hunter2@db/bank")
    settings = Settings()
    assert "hunter2" in settings.catalog_uri
    assert "hunter2" not in repr(settings) + str(settings)
