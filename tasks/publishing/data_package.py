"""The exports of a date as a Data Package (version 2): what each file and each of its columns is, for any program."""

from pathlib import Path
from typing import Any

from expectations.contract import Column, Contract
from warehouse.files import sha256_of

_PROFILE = "https://datapackage.org/profiles/2.0"
_TYPES = {
    "BOOLEAN": "boolean",
    "DATE": "date",
    "DOUBLE": "number",
    "INTEGER": "integer",
    "SMALLINT": "integer",
    "TINYINT": "integer",
    "VARCHAR": "string",
}


def describe_package(
    folder: Path, release: dict[str, str], tables: dict[str, tuple[Contract, dict[str, Column]]], database: str
) -> dict[str, Any]:
    """Return the descriptor of a folder of exports.

    Args:
        folder: Holds the files.
        release: as_of, model_version and released_at.
        tables: Contract of each Parquet file, and of each of its columns by the name that it has there.
        database: Name of the file of all tables.
    """
    resources = [
        _file(folder / f"{name}.parquet", "application/vnd.apache.parquet")
        | {"type": "table", "title": contract.title, "description": contract.comment}
        | {"schema": _schema(contract, columns)}
        for name, (contract, columns) in tables.items()
    ]
    described = {"description": "All published tables of the date, for DuckDB; its catalog tells of each column."}
    return {
        "$schema": f"{_PROFILE}/datapackage.json",
        "name": f"microseg-{release['as_of']}",
        "title": f"Customer micro-segments as of {release['as_of']}",
        "created": release["released_at"].replace(" ", "T").replace("+00", "Z"),
        "version": release["model_version"],
        "resources": [*resources, _file(folder / database, "application/vnd.duckdb") | described],
    }


def _file(path: Path, media_type: str) -> dict[str, Any]:
    about = {"name": path.name.replace(".", "-"), "path": path.name, "format": path.suffix.removeprefix(".")}
    return about | {"mediatype": media_type, "bytes": path.stat().st_size, "hash": f"sha256:{sha256_of(path)}"}


def _schema(contract: Contract, columns: dict[str, Column]) -> dict[str, Any]:
    names = {column.name: name for name, column in columns.items()}
    return {
        "$schema": f"{_PROFILE}/tableschema.json",
        "fields": [_field(name, column) for name, column in columns.items()],
        "primaryKey": [names[name] for name in contract.key],
    }


def _field(name: str, column: Column) -> dict[str, Any]:
    allowed = column.allowed
    constraints = {
        "required": column.required or None,
        "minimum": allowed.minimum,
        "maximum": allowed.maximum,
        "pattern": allowed.pattern or None,
        "enum": list(allowed.values) or None,
    }
    field = {
        "name": name,
        "type": _TYPES[column.type],
        "description": column.meaning,
        "unit": column.unit or None,
        "classification": column.pii,
        "constraints": {key: value for key, value in constraints.items() if value is not None},
    }
    return {key: value for key, value in field.items() if value is not None}
