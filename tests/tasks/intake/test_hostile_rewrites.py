"""A file that is written in place while it is loaded: all of its rows, or one line that says why not."""

import os
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tasks.intake import staged
from tests.tasks.builders import Bank, csv_text, row, write_csv, write_parquet
from warehouse.errors import SourceError
from warehouse.sources import staging

pytestmark = pytest.mark.warehouse
ROWS = [row(number) for number in range(50)]
WHOLE = csv_text(ROWS)
Act = Callable[[int], None]


@pytest.fixture
def at_reading(monkeypatch: pytest.MonkeyPatch) -> Callable[[Act], None]:
    """Let somebody act each time before and after a source is read, told how often it was read before."""
    stage = staging.stage

    def install(act: Act, behind: Act = lambda _turn: None) -> None:
        turn = 0

        def staging_now(*arguments: object) -> object:
            nonlocal turn
            act(turn)
            try:
                return stage(*arguments)  # type: ignore[arg-type]
            finally:
                behind(turn)
                turn += 1

        monkeypatch.setattr(staged, "stage", staging_now)

    return install


def test_a_rewrite_with_the_same_content_loses_no_row(
    bank: Bank, tmp_path: Path, at_reading: Callable[..., None]
) -> None:
    path = write_csv(tmp_path / "a.csv", ROWS)

    def half(turn: int) -> None:
        if turn == 0:  # the exporter has opened the file again and has not come far
            path.write_text(WHOLE[: len(WHOLE) // 2])

    at_reading(half, lambda turn: None if turn else path.write_text(WHOLE))
    assert bank.ingest(path).accepted == 50
    assert bank.ingest(path).unchanged == 1


def test_a_rewrite_that_keeps_time_and_size_is_seen(
    bank: Bank, tmp_path: Path, at_reading: Callable[..., None]
) -> None:
    path = write_csv(tmp_path / "a.csv", ROWS)
    before = path.stat()

    def blank(turn: int) -> None:
        if turn == 0:
            path.write_text(WHOLE[:500].ljust(len(WHOLE), "\n"))
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    def restore(turn: int) -> None:
        if turn == 0:
            path.write_text(WHOLE)
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    at_reading(blank, restore)
    assert bank.ingest(path).accepted == 50


def test_a_parquet_file_that_is_cut_while_it_is_read(
    bank: Bank, tmp_path: Path, at_reading: Callable[..., None]
) -> None:
    csv = write_csv(tmp_path / "a.csv", [*ROWS, row("x", amount="ten")])
    path = write_parquet(tmp_path / "a.parquet", f"SELECT * FROM read_csv('{csv}', all_varchar = true)")
    whole = path.read_bytes()
    at_reading(
        lambda turn: None if turn else path.write_bytes(whole[:-200]) and None,
        lambda turn: None if turn else path.write_bytes(whole) and None,
    )
    done = bank.ingest(path)
    assert (done.accepted, done.rejected) == (50, 1)


def test_a_file_that_never_rests_is_one_line(bank: Bank, tmp_path: Path, at_reading: Callable[..., None]) -> None:
    path = write_csv(tmp_path / "a.csv", ROWS)
    turns: list[int] = []

    def grow(turn: int) -> None:
        turns.append(turn)
        with path.open("a") as file:
            file.write(csv_text([row(f"more{turn}")]).partition("\n")[2])

    at_reading(grow)
    with pytest.raises(SourceError) as caught:
        bank.ingest(path)
    assert str(caught.value).startswith(f"{path} is being written while it is read: have it delivered under another")
    assert turns == [0, 1, 2]
    assert bank.transactions() == []


def test_a_file_that_vanishes_while_it_is_read(bank: Bank, tmp_path: Path, at_reading: Callable[..., None]) -> None:
    path = write_csv(tmp_path / "a.csv", ROWS)
    at_reading(lambda _turn: path.unlink())
    with pytest.raises(SourceError) as caught:
        bank.ingest(path)
    assert str(caught.value) == f"{path} cannot be read: it is no longer there, or a link to nothing"


def test_the_faulty_rows_of_a_parquet_file_are_kept_where_another_column_is_broken(bank: Bank, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    columns = ", ".join(f"'{value}' AS {name}" for name, value in row(1, amount="ten").items())
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT {columns}, '\\xFFnote'::BLOB AS note) TO '{path}' (FORMAT parquet)")
    assert bank.ingest(path).rejected == 1
