"""Paths and patterns that name no file that can be read: one line each, never a traceback and never a hang."""

import os
import socket
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.tasks.builders import Bank, csv_text, row, write_csv
from warehouse.errors import SourceError
from warehouse.sources import local_files
from warehouse.sources.feeds import entries_of, feeds_of

pytestmark = [pytest.mark.warehouse, pytest.mark.timeout(60)]
GOOD = csv_text([row(1), row(2)])


def refused(bank: Bank, pattern: Path | str) -> str:
    with pytest.raises(SourceError) as caught:
        bank.ingest(pattern)
    told = str(caught.value)
    assert told.isprintable()
    assert len(told) < 500
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return told


def test_a_semicolon_in_a_name_parts_no_sources(tmp_path: Path) -> None:
    path, other = write_csv(tmp_path / "a;b;c.csv", [row(1)]), tmp_path / "d.csv"
    assert entries_of(f"{path};{other}") == [str(path), str(other)]
    assert entries_of(f"{other};{path};") == [str(other), str(path)]
    assert feeds_of(str(path)) == [str(path)]


def test_a_name_that_is_not_utf8(bank: Bank, tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/a\xff.csv"
    with open(name, "wb") as file:
        file.write(GOOD.encode())
    told = "its name is not UTF-8, or holds characters that cannot be printed: rename it"
    for pattern in (os.fsdecode(name), tmp_path / "*.csv"):
        assert refused(bank, pattern) == f"{tmp_path}/a\\udcff.csv: {told}"


def test_a_name_of_two_lines(bank: Bank, tmp_path: Path) -> None:
    write_csv(tmp_path / "a\nb.csv", [row(1)])
    assert refused(bank, tmp_path / "*.csv").startswith(f"{tmp_path}/a\\nb.csv: its name is not UTF-8, or")


def test_links_that_lead_nowhere(bank: Bank, tmp_path: Path) -> None:
    loop, broken = tmp_path / "a.csv", tmp_path / "b.csv"
    loop.symlink_to(loop)
    broken.symlink_to(tmp_path / "absent.csv")
    assert refused(bank, loop) == f"{loop} cannot be read: it is a symbolic link that leads back to itself"
    assert refused(bank, broken) == f"{broken} cannot be read: it is no longer there, or a link to nothing"
    assert "leads back to itself" in refused(bank, tmp_path / "*.csv")


@pytest.mark.parametrize("pattern", ["a" * 300 + ".csv", "*" * 300 + ".csv", "a/" * 3000 + "*.csv", "b\0.csv"])
def test_patterns_of_any_length(bank: Bank, tmp_path: Path, pattern: str) -> None:
    refused(bank, tmp_path / pattern)


@pytest.mark.parametrize(
    ("pattern", "closed", "need"),
    [
        ("in/*.csv", "in/", os.R_OK),
        ("*/out/*.csv", "in/", os.X_OK),
        ("**/*.csv", "in/deep/", os.R_OK),
        ("in/deep/**/a.csv", "in/deep/", os.R_OK),
    ],
)
def test_a_folder_that_may_not_be_read_is_told(
    bank: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str, closed: str, need: int
) -> None:
    write_csv(tmp_path / "a.csv", [row(1)])
    write_csv(tmp_path / "in" / "deep" / "a.csv", [row(2)])

    def denied(path: str, mode: int) -> bool:
        return not (path == f"{tmp_path}/{closed}" and mode & need)

    monkeypatch.setattr(os, "access", denied)  # root may read everything
    told = "cannot be looked into: its permissions forbid it; nothing was loaded"
    assert refused(bank, tmp_path / pattern) == f"{tmp_path}/{closed} {told}"


def test_pipes_and_devices_are_no_files(bank: Bank, tmp_path: Path) -> None:
    pipe, link = tmp_path / "a.csv", tmp_path / "b.csv"
    os.mkfifo(pipe)
    link.symlink_to("/dev/zero")
    assert refused(bank, pipe) == f"{pipe} is not a file but a pipe or a device: write its content to a file first"
    assert refused(bank, link).startswith("/dev/zero is not a file but a pipe or a device")


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Let something happen between the listing of a folder and the first look at its files."""
    matches = local_files._matches

    def install(act: Callable[[], object]) -> None:
        def then_act(pattern: str) -> list[str]:
            names = matches(pattern)
            act()
            return names

        monkeypatch.setattr(local_files, "_matches", then_act)

    return install


def test_a_file_that_vanishes_behind_the_listing(
    bank: Bank, tmp_path: Path, listed: Callable[[Callable[[], object]], None]
) -> None:
    path = write_csv(tmp_path / "a.csv", [row(1)])
    listed(path.unlink)
    assert refused(bank, tmp_path / "*.csv") == f"{path} cannot be read: it is no longer there, or a link to nothing"


def test_a_store_that_cannot_be_reached(bank: Bank) -> None:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    changed = {"s3_endpoint": f"127.0.0.1:{port}", "s3_use_ssl": False, "s3_key_id": "k"}
    away = Bank(bank.settings.model_copy(update=changed), bank.reference)
    assert refused(away, "s3://bank/*.csv").startswith("s3://bank/*.csv cannot be listed: ")
    refused(bank, "s3://")
    told = refused(bank, f"postgres:host=127.0.0.1 port={port} dbname=x")
    assert told == "a PostgreSQL source needs --query with the SELECT of this load"
    with pytest.raises(SourceError, match="Connection refused"):
        bank.ingest(f"postgres:host=127.0.0.1 port={port} dbname=x", sql="SELECT 1")
    with pytest.raises(SourceError, match="host is not known"):
        bank.ingest("postgresql://nobody@no-such-host.invalid/x", sql="SELECT 1")
    with pytest.raises(SourceError, match="cannot be read"):
        bank.ingest("postgresql://[::1", sql="SELECT 1")
