"""Loads the SQL files of ``sql/``: the only way a query reaches DuckDB."""

from functools import cache
from importlib.resources import files


@cache
def query(name: str) -> str:
    """Return the text of ``sql/<name>.sql``.

    Args:
        name: Path below ``sql/`` without the ending, e.g. ``"spend/insert_monthly"``.

    Returns:
        The SQL text; parameters are DuckDB's ``$name``.
    """
    return files("sql").joinpath(f"{name}.sql").read_text(encoding="utf-8")


def query_names(folder: str) -> list[str]:
    """Return the names (for `query`) of all files of one folder, in order.

    Args:
        folder: Folder below ``sql/``, e.g. ``"quality"``.
    """
    entries = files("sql").joinpath(folder).iterdir()
    return sorted(f"{folder}/{entry.name.removesuffix('.sql')}" for entry in entries if entry.name.endswith(".sql"))


def quoted(text: str) -> str:
    """Return `text` as a SQL string literal, for the few places where DuckDB takes no parameter."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """Return `name` as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
