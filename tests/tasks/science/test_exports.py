"""Exports: all four files or none, described, and `latest` follows the newest date only."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import duckdb
import pyarrow.parquet as pq
import pytest

from tasks.operation.exported import FILES, MANIFEST, ExportProblem, read_export_problems, stale_exports
from tasks.publishing.exports import DESCRIPTIONS, export
from tests.support.damage import cut, flip
from tests.support.release import build_and_release
from tests.tasks.science.conftest import AS_OF, EARLIER, Bank
from warehouse.connection import connect
from warehouse.errors import MicrosegError

pytestmark = pytest.mark.warehouse


def publish(bank: Bank, as_of: date = AS_OF) -> None:
    if as_of == EARLIER:
        with connect(bank.settings) as connection:
            build_and_release(connection, bank.settings, bank.model, as_of)
    export(bank.settings, as_of, bank.model.window_name, anew=True)


def test_files_hold_the_tables_rows_with_descriptions(bank: Bank) -> None:
    publish(bank)
    folder = bank.settings.home / "exports" / f"as_of={AS_OF}"
    assert sorted(file.name for file in folder.iterdir()) == sorted([MANIFEST, *(f"{name}.parquet" for name in FILES)])
    with connect(bank.settings, read_only=True) as connection:
        expected = connection.execute("SELECT count(*) FROM segments.by_date WHERE as_of = $1", [AS_OF]).fetchone()
    for name in FILES:
        rows = pq.read_table(folder / f"{name}.parquet", partitioning=None)
        assert rows.schema.metadata[b"microseg.model_version"] == bank.model.version.encode()
        assert all(field.metadata[b"description"].decode() == DESCRIPTIONS[field.name] for field in rows.schema)
        assert "customer_id" not in rows.column_names
        assert set(rows["business_date"].to_pylist()) == {AS_OF}
        assert name != "segments" or (rows.num_rows,) == expected


def test_publishing_twice_gives_the_same_bytes(bank: Bank) -> None:
    publish(bank)
    folder = bank.settings.home / "exports" / f"as_of={AS_OF}"
    first = {file.name: file.read_bytes() for file in folder.iterdir()}
    publish(bank)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == first


def test_latest_never_moves_to_an_older_date(bank: Bank) -> None:
    publish(bank, AS_OF)
    publish(bank, EARLIER)
    latest = bank.settings.home / "latest"
    assert latest.resolve().name == f"as_of={AS_OF}"
    assert (bank.settings.home / "exports" / f"as_of={EARLIER}").is_dir()


def test_a_home_copied_without_its_links_still_publishes(bank: Bank) -> None:
    latest = bank.settings.home / "latest"
    latest.mkdir(parents=True)
    (latest / "segments.parquet").write_bytes(b"copied")
    publish(bank)
    assert latest.is_symlink()


@pytest.mark.parametrize("pattern", ["exports/*/segments.parquet", "exports/**/segments.parquet"])
def test_a_glob_over_the_exports_counts_every_row_once(bank: Bank, pattern: str) -> None:
    (bank.settings.home / "exports").mkdir()
    (bank.settings.home / "exports" / "latest").symlink_to(f"as_of={AS_OF}")  # as an earlier version left it
    publish(bank)
    exported = duckdb.sql(f"SELECT count(*) FROM read_parquet('{bank.settings.home}/{pattern}')").fetchone()
    with connect(bank.settings, read_only=True) as connection:
        released = connection.execute("SELECT count(*) FROM segments.by_date").fetchone()
    assert exported == released


def test_remains_of_a_killed_export_do_no_harm(bank: Bank) -> None:
    partial = bank.settings.home / "exporting" / f"as_of={AS_OF}"
    partial.mkdir(parents=True)
    (partial / "segments.parquet").write_bytes(b"half")
    publish(bank)
    assert not partial.exists()


def test_what_a_kill_between_release_and_export_left_is_written_by_the_next_run(bank: Bank) -> None:
    publish(bank)
    folder = bank.settings.home / "exports" / f"as_of={AS_OF}"
    (folder / "segments.parquet").write_bytes(b"of the release before")
    export(bank.settings, AS_OF, bank.model.window_name)
    assert (folder / "segments.parquet").read_bytes() == b"of the release before"  # this very release, as it says
    with connect(bank.settings) as connection:
        connection.execute("UPDATE segments.releases SET released_at = released_at + INTERVAL 1 SECOND")
    export(bank.settings, AS_OF, bank.model.window_name)
    assert pq.read_table(folder / "segments.parquet", partitioning=None).num_rows > 0


def test_a_dangling_latest_is_healed_whatever_it_named(bank: Bank) -> None:
    latest = bank.settings.home / "latest"
    latest.parent.mkdir(parents=True, exist_ok=True)
    latest.symlink_to("exports/as_of=2999-12-31")
    publish(bank)
    assert latest.resolve().name == f"as_of={AS_OF}"


def test_what_is_not_of_the_release_is_named(bank: Bank) -> None:
    def stale() -> list[tuple[str, str]]:
        with connect(bank.settings, read_only=True) as connection:
            return stale_exports(connection, bank.settings)

    assert stale() == [(str(AS_OF), "its Parquet files are missing")]
    publish(bank)
    assert stale() == []
    folder = bank.settings.home / "exports" / f"as_of={AS_OF}"
    (folder / MANIFEST).write_text("{}")
    assert stale() == [(str(AS_OF), "its Parquet files are from an earlier release")]
    publish(bank)
    (bank.settings.home / "latest").unlink()
    assert stale() == [("latest", f"does not point to exports/{folder.name}")]


def test_exports_take_turns(bank: Bank) -> None:
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(publish, bank) for _ in range(8)]:
            done.result()
    assert sorted(path.name for path in (bank.settings.home / "exporting").iterdir()) == ["lock"]


def test_a_file_in_the_place_of_the_exports_is_one_line(bank: Bank) -> None:
    publish(bank)
    folder = bank.settings.home / "exports"
    folder.rename(bank.settings.home / "aside")
    folder.write_text("not a folder")
    with pytest.raises(MicrosegError) as caught:
        export(bank.settings, AS_OF, "annual", anew=True)
    place = folder.resolve()
    assert str(caught.value) == f"{place} is a file where exports need a folder: move it away and run again"
    folder.unlink()
    (bank.settings.home / "aside").rename(folder)


def test_files_that_are_not_as_they_were_released_are_named(bank: Bank) -> None:
    publish(bank)
    place = f"exports/as_of={AS_OF}"
    folder = bank.settings.home / place
    assert read_export_problems(bank.settings) == []
    flip(folder / "segments.parquet", 5)
    size = (folder / "angles.parquet").stat().st_size
    cut(folder / "angles.parquet")
    (folder / "reasons.parquet").unlink()
    short = ExportProblem(str(AS_OF), f"{place}/angles.parquet", f"has {size // 2:,} of its {size:,} bytes")
    gone = ExportProblem(str(AS_OF), f"{place}/reasons.parquet", "is missing")
    other = ExportProblem(str(AS_OF), f"{place}/segments.parquet", "has other content than was written")
    assert read_export_problems(bank.settings, quick=True) == [short, gone]
    assert read_export_problems(bank.settings) == [short, gone, other]


def test_files_of_another_release_are_named_by_their_folder(bank: Bank) -> None:
    publish(bank)
    folder = bank.settings.home / "exports" / f"as_of={AS_OF}"
    (folder / MANIFEST).write_text(json.dumps({"as_of": str(AS_OF), "model_version": "another"}))
    (bank.settings.home / "latest").unlink()
    stale = ExportProblem(str(AS_OF), f"exports/as_of={AS_OF}", "its Parquet files are from an earlier release")
    astray = ExportProblem(str(AS_OF), "latest", f"does not point to exports/as_of={AS_OF}")
    assert read_export_problems(bank.settings) == [stale, astray]


def test_files_of_an_earlier_version_have_no_checksums(bank: Bank) -> None:
    publish(bank)
    manifest = bank.settings.home / "exports" / f"as_of={AS_OF}" / MANIFEST
    written = json.loads(manifest.read_text())
    del written["files"]
    manifest.write_text(json.dumps(written))
    assert read_export_problems(bank.settings) == []
    (manifest.parent / "angles.parquet").unlink()
    assert [problem.what for problem in read_export_problems(bank.settings)] == ["is missing"]
