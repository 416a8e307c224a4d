"""Exports: what is published of a date, as files of one release that say what they hold; `latest` follows."""

import json
import shutil
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from expectations.contract import Column, Contract, contract_of
from tasks.operation.exported import (
    DATABASE,
    FILES,
    LATEST,
    MANIFEST,
    PACKAGE,
    export_folder,
    held_release,
    manifest_of,
    point_latest,
)
from tasks.operation.retention import gone_line, read_retention
from tasks.publishing.data_package import describe_package
from tasks.publishing.database_file import add_table, database_file
from tasks.publishing.standing import unreleased_line
from warehouse.connection import connect
from warehouse.errors import MicrosegError
from warehouse.files import exchange, write_text
from warehouse.locks import held
from warehouse.queries import query
from warehouse.settings import Settings

# Views that a folder has the rows of its date of; the first ones as Parquet, too.
_OF_THE_DATE = (*FILES, "personality")
# Those of which it has all dates so far: they are short. Spells of all customers are not, and stay in the lake.
_OF_ALL_DATES = ("segment_summary", "segment_transitions")


def export(settings: Settings, as_of: date, anew: bool = False) -> Path:
    """Write `<home>/exports/as_of=YYYY-MM-DD/` as released, and let `<home>/latest` point to the newest.

    Parquet files, a DuckDB file of all published tables, and a descriptor of both: what the contracts say of each
    column. The folder is written elsewhere and exchanged in one step, so that a reader sees all files of one release;
    whoever has an older file open keeps it.
    Processes take turns: the last one read the newest release, and what a killed one left is cleared away.
    `latest` never moves to an older date, and lies outside of `exports/`: a glob over it counts no row twice.

    Args:
        settings: `home` takes the exports.
        as_of: Business date; it is released.
        anew: Write the folder again although it holds this very release.

    Returns:
        The folder of the date.
    """
    try:
        return _export(settings, as_of, anew)
    except (FileExistsError, NotADirectoryError) as error:
        place = error.filename2 or error.filename
        raise MicrosegError(f"{place} is a file where exports need a folder: move it away and run again") from None


def _export(settings: Settings, as_of: date, anew: bool) -> Path:
    home = settings.home.resolve()
    target, partial = export_folder(home, as_of), home / "exporting" / f"as_of={as_of}"
    with held(partial.parent / "lock"), connect(settings, read_only=True) as connection:
        release = _release_of(connection, settings, as_of)
        if anew or held_release(target) != release:
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(parents=True)
            _write_files(connection, settings, partial, as_of, release)
            exchange(partial, target)
        _remove(home / "exports" / LATEST)  # where it was before
        point_latest(home / LATEST, target, home / "exporting" / LATEST)
    return target


def _release_of(connection: duckdb.DuckDBPyConnection, settings: Settings, as_of: date) -> dict[str, str]:
    text = "SELECT model_version, released_at::VARCHAR FROM segments.releases WHERE as_of = $1"
    row = connection.execute(text, [as_of]).fetchone()
    if row is None:
        raise MicrosegError(unreleased_line(as_of))
    if as_of in read_retention(connection, settings).gone:
        raise MicrosegError(gone_line(as_of))
    return {"as_of": str(as_of), "model_version": str(row[0]), "released_at": str(row[1])}


def _write_files(
    connection: duckdb.DuckDBPyConnection, settings: Settings, folder: Path, as_of: date, release: dict[str, str]
) -> None:
    views = {name: contract_of(f"{name}_v1") for name in (*_OF_THE_DATE, *_OF_ALL_DATES)}
    tables = {name: (views[name], exported_columns(views[name])) for name in FILES}
    with database_file(folder / DATABASE, settings) as database:
        for name, contract in views.items():
            rows = _rows(connection, contract, date.min if name in _OF_ALL_DATES else as_of, as_of)
            add_table(database, contract, rows)
            if name in FILES:
                described = describe(rows, name, tables[name][1], release)
                pq.write_table(described, folder / f"{name}.parquet")
    package = describe_package(folder, release, tables, DATABASE)
    write_text(folder / PACKAGE, json.dumps(package, indent=2) + "\n")
    write_text(folder / MANIFEST, json.dumps(manifest_of(folder, release), sort_keys=True))


def _rows(connection: duckdb.DuckDBPyConnection, contract: Contract, first: date, last: date) -> pa.Table:
    text = query("exports/select_dates").format(view=contract.view, key=", ".join(contract.key))
    return connection.execute(text, {"first": first, "last": last}).to_arrow_table()


def exported_columns(contract: Contract) -> dict[str, Column]:
    """Return the columns of a Parquet file by the name that they have there.

    The date has a name that the folder does not have: readers take `as_of` from the folder, as text. The moment of the
    release stands in release.json: equal rows make equal files.
    """
    columns = {column.name: column for column in contract.columns_in("published") if column.name != "published_at"}
    return {"business_date" if name == "as_of" else name: column for name, column in columns.items()}


def describe(rows: pa.Table, name: str, columns: dict[str, Column], release: dict[str, str]) -> pa.Table:
    """Give every column what its contract says and the table its date and model, as Parquet metadata."""
    chosen = rows.select([column.name for column in columns.values()]).rename_columns(list(columns))
    fields = [field.with_metadata(_metadata(columns[field.name])) for field in chosen.schema]
    about = {"microseg.table": name} | {f"microseg.{key}": release[key] for key in ("as_of", "model_version")}
    return chosen.cast(pa.schema(fields, metadata=about))


def _metadata(column: Column) -> dict[str, str]:
    told = {"description": column.meaning, "unit": column.unit, "allowed": str(column.allowed), "pii": column.pii}
    return {key: value for key, value in told.items() if value}


def _remove(path: Path) -> None:
    if path.is_symlink():
        path.unlink()
    elif path.is_dir():
        shutil.rmtree(path)
