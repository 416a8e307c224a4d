"""Exports: all files or none, described, and `latest` follows the newest date only."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from expectations.contract import contract_of, contracts
from tasks.operation.exported import (
    DATABASE,
    FILES,
    MANIFEST,
    PACKAGE,
    ExportProblem,
    read_export_problems,
    stale_exports,
)
from tasks.publishing.exports import export
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
    export(bank.settings, as_of, anew=True)


def folder_of(bank: Bank, as_of: date = AS_OF) -> Path:
    return bank.settings.home / "exports" / f"as_of={as_of}"


def test_files_hold_the_tables_rows_with_descriptions(bank: Bank) -> None:
    publish(bank)
    folder = folder_of(bank)
    names = [MANIFEST, DATABASE, PACKAGE, *(f"{name}.parquet" for name in FILES)]
    assert sorted(file.name for file in folder.iterdir()) == sorted(names)
    with connect(bank.settings, read_only=True) as connection:
        expected = connection.execute("SELECT count(*) FROM segments.by_date WHERE as_of = $1", [AS_OF]).fetchone()
    for name in FILES:
        rows = pq.read_table(folder / f"{name}.parquet", partitioning=None)
        assert rows.schema.metadata[b"microseg.model_version"] == bank.model.version.encode()
        columns = {column.name: column for column in contract_of(f"{name}_v1").columns_in("published")}
        told = {"as_of" if field.name == "business_date" else field.name: field.metadata for field in rows.schema}
        assert list(told) == [column for column in columns if column != "published_at"]
        for column, metadata in told.items():
            assert metadata[b"description"].decode() == columns[column].meaning
            assert metadata.get(b"unit", b"").decode() == columns[column].unit
            assert metadata[b"pii"].decode() == columns[column].pii
        assert set(rows["business_date"].to_pylist()) == {AS_OF}
        assert name != "segments" or (rows.num_rows,) == expected


def test_publishing_twice_gives_the_same_bytes(bank: Bank) -> None:
    publish(bank)
    first = {file.name: file.read_bytes() for file in folder_of(bank).glob("*.parquet")}
    publish(bank)
    assert {file.name: file.read_bytes() for file in folder_of(bank).glob("*.parquet")} == first != {}


def test_the_database_file_holds_the_published_rows_with_comments(bank: Bank) -> None:
    publish(bank, EARLIER)
    publish(bank)
    with duckdb.connect(str(folder_of(bank) / DATABASE), read_only=True) as database:
        database.execute("SET TimeZone = 'UTC'")
        tables = [row[0] for row in database.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        assert set(tables) == {contract.view for contract in contracts()} - {"segment_history_v1"}
        with connect(bank.settings, read_only=True) as connection:
            for view in tables:
                dated = "" if view in ("segment_summary_v1", "segment_transitions_v1") else f"WHERE as_of = '{AS_OF}'"
                asked = f"FROM published.{view} {dated} ORDER BY ALL"
                assert database.execute(asked).fetchall() == connection.execute(asked).fetchall() != []
        for view in tables:
            contract = contract_of(view)
            text = "SELECT column_name, data_type, comment FROM duckdb_columns() WHERE table_name = $1"
            columns = contract.columns_in("published")
            expected = [(column.name, column.type, column.told) for column in columns]
            assert database.execute(f"{text} ORDER BY column_index", [view]).fetchall() == expected
            text = "SELECT comment FROM duckdb_tables() WHERE table_name = $1"
            assert database.execute(text, [view]).fetchall() == [(contract.comment,)]
        named = database.execute("SELECT count(*) FROM duckdb_columns() WHERE column_name = 'customer_id'").fetchall()
        assert named == [(0,)]


def test_the_data_package_describes_the_files_that_are_there(bank: Bank) -> None:
    publish(bank)
    package = json.loads((folder_of(bank) / PACKAGE).read_text())
    assert package["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert datetime.fromisoformat(package["created"]).utcoffset() == timedelta(0)
    manifest = json.loads((folder_of(bank) / MANIFEST).read_text())["files"]
    resources = {resource["path"]: resource for resource in package["resources"]}
    assert set(resources) == set(manifest) - {PACKAGE}
    for name, resource in resources.items():
        assert (resource["bytes"], resource["hash"]) == (manifest[name]["bytes"], f"sha256:{manifest[name]['sha256']}")
        if not name.endswith(".parquet"):
            continue
        fields = {field["name"]: field for field in resource["schema"]["fields"]}
        rows = pq.read_table(folder_of(bank) / name, partitioning=None)
        assert list(fields) == rows.column_names
        assert set(resource["schema"]["primaryKey"]) <= set(fields)
        for column, field in fields.items():
            check_constraints(rows[column].to_pylist(), field["constraints"])


def check_constraints(values: list[Any], constraints: dict[str, Any]) -> None:
    """Hold the rows against what a reader is told of them."""
    given = [value for value in values if value is not None]
    assert len(given) == len(values) or not constraints.get("required")
    for value in set(given):
        assert value >= constraints.get("minimum", value)
        assert value <= constraints.get("maximum", value)
        assert value in constraints.get("enum", [value])
        assert re.fullmatch(constraints.get("pattern", ".*"), str(value))


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
    export(bank.settings, AS_OF)
    assert (folder / "segments.parquet").read_bytes() == b"of the release before"  # this very release, as it says
    with connect(bank.settings) as connection:
        connection.execute("UPDATE segments.releases SET released_at = released_at + INTERVAL 1 SECOND")
    export(bank.settings, AS_OF)
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
        export(bank.settings, AS_OF, anew=True)
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
