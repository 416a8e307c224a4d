"""Damage is said in one line, repaired, and made again: the tables are those of a warehouse that nobody touched."""

from collections.abc import Callable
from pathlib import Path

import pytest

from flows.cli import main
from tests.flows.banks import Bank
from tests.support.damage import cut, flip
from warehouse.connection import connect
from warehouse.settings import Settings
from warehouse.stored import DataFile, address, live_files

pytestmark = [pytest.mark.flow, pytest.mark.timeout(900)]
NIGHT = "2025-10-31"


def files(settings: Settings, table: str) -> list[DataFile]:
    with connect(settings, read_only=True) as connection:
        return [file for file in live_files(connection) if file.table == table]


def first_file(settings: Settings, table: str) -> Path:
    return Path(address(settings, files(settings, table)[0].path))


def test_from_damage_to_the_same_tables(bank: Bank, without_gates: None, capsys: pytest.CaptureFixture[str]) -> None:
    before = bank.checksums()
    settings = Settings()
    tables = ("segments.current", "segments.by_date", "traces.states", "spend.periods", "spend.monthly")
    ways: dict[str, Callable[[Path], object]] = {
        table: (Path.unlink, cut, lambda path: flip(path, 5))[number % 3] for number, table in enumerate(tables)
    }
    for table, how in ways.items():
        how(first_file(settings, table))
    assert main(["run", "--as-of", NIGHT]) == 1
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1
    assert told[0].startswith("microseg: damaged: ")
    assert "microseg verify --repair; so are 4 more" in told[0]
    assert main(["verify"]) == 1
    out = capsys.readouterr().out
    assert all(table in out for table in tables)
    assert main(["verify", "--repair"]) == 0
    commands = [line.split() for line in capsys.readouterr().out.splitlines() if line.startswith("  microseg ")]
    assert commands == [["microseg", "backfill", NIGHT, NIGHT, "--every", "day", "--for-real"]]
    assert main(commands[0][1:]) == 0
    assert bank.checksums() == before
    capsys.readouterr()
    assert main(["verify"]) == 0
    assert "all as written" in capsys.readouterr().out


def test_damaged_exports_are_written_again_by_the_command_that_is_told(
    bank: Bank, without_gates: None, capsys: pytest.CaptureFixture[str]
) -> None:
    latest = Settings().home / "latest"
    written = {path.name: path.read_bytes() for path in latest.resolve().glob("*.parquet")}
    flip(latest.resolve() / "segments.parquet", 5)
    latest.unlink()
    assert main(["verify"]) == 1
    out = capsys.readouterr().out
    assert f"exports/as_of={NIGHT}/segments.parquet" in out
    command = f"microseg backfill {NIGHT} {NIGHT} --every day --stages republish --for-real"
    assert out.count(command) == 2
    assert main(command.split()[1:]) == 0
    assert main(["verify"]) == 0
    assert {path.name: path.read_bytes() for path in latest.resolve().glob("*.parquet")} == written


@pytest.fixture
def small(lake: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A warehouse with one file of twenty rows."""
    monkeypatch.setenv("MICROSEG_HOME", str(lake.home))
    with connect(lake) as connection:
        connection.execute("INSERT INTO segments.current (customer_key, segment) SELECT i, 'E.A' FROM range(20) t(i)")
    return lake


@pytest.mark.parametrize(("how", "what"), [(Path.unlink, "is missing"), (cut, "cannot be read")])
def test_a_reader_is_told_table_and_file(
    small: Settings, how: Callable[[Path], object], what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    held = files(small, "segments.current")[0]
    how(first_file(small, "segments.current"))
    assert main(["query", "FROM segments.current"]) == 1
    told = capsys.readouterr().err
    assert told == (
        f"microseg: damaged: segments.current, file {held.path} {what}; microseg verify says what restores it\n"
    )
    assert main(["status"]) == 1
    out, err = capsys.readouterr()
    assert out.startswith("BROKEN: 1 damaged files")
    assert held.path in out
    assert err == ""


def fill(path: Path) -> None:
    path.write_bytes(b"no database at all " * 1000)


@pytest.mark.parametrize("how", [fill, cut])
@pytest.mark.parametrize("command", [["status"], ["verify"], ["query", "FROM segments.current"]])
def test_a_damaged_catalog_is_one_line(
    small: Settings, how: Callable[[Path], object], command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    how(small.home / "catalog.sqlite")
    assert main(command) == 1
    told = capsys.readouterr().err
    assert len(told.splitlines()) == 1
    assert "catalog" in told
    assert "unexpected" not in told


def test_status_says_that_the_warehouse_is_newer(small: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    with connect(small) as connection:
        connection.execute("INSERT INTO ops.schema_versions VALUES (99, 'schema/099_future', 'sha', now())")
    assert main(["status"]) == 1
    assert "has schema version 99" in capsys.readouterr().err
