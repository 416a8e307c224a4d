"""Provenance: from which months, model, reference version, rule and code a date was made, each by its name."""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import date

import duckdb

from tasks.operation.code_version import DATE, SPENDING, code_version
from warehouse.queries import query
from warehouse.settings import Settings

Versions = Mapping[str, str]
PERIODS = "periods"
RELEASE = "release"
# In place of the release: its features went by retention, its segments stay.
LET_GO = "let_go"
# Of the sums of one month: equal sums have equal versions, in whatever order they come.
MONTH_VERSION = "left(md5(concat_ws(':', bit_xor(hash(customer_key, class_id, amount)), count(*), sum(amount))), 16)"
_MONTH = re.compile(r"\d{4}-\d{2}")


def period_versions(connection: duckdb.DuckDBPyConnection, as_of: date) -> Versions:
    """Return what the periods of a date are a function of: its months, and the code that sums them.

    Of the month of `as_of` only the rows up to that day count: rows booked later change nothing.

    Args:
        connection: A warehouse connection.
        as_of: Business date.
    """
    return named_versions(connection, as_of, open_version(connection, as_of))


def open_version(connection: duckdb.DuckDBPyConnection, as_of: date) -> str:
    """Return the version of a date's month up to that day, from raw rows; empty where nothing was spent.

    Args:
        connection: Of the lake, or of a lone engine.
        as_of: The date.
    """
    text = query("spend/select_open_version").format(version=MONTH_VERSION)
    (version,) = connection.execute(text, {"as_of": as_of}).fetchone() or ("",)
    return str(version)


def named_versions(connection: duckdb.DuckDBPyConnection, as_of: date, opened: str) -> Versions:
    """Return what the periods of a date are a function of, where the version of its own month is known."""
    months = connection.execute(query("spend/select_month_versions"), {"as_of": as_of}).fetchall()
    named = {f"{month:%Y-%m}": version for month, version in months}
    return named | ({f"{as_of:%Y-%m}": opened} if opened else {}) | {"code": code_version(*SPENDING)}


def date_versions(
    connection: duckdb.DuckDBPyConnection, settings: Settings, as_of: date, periods: Versions, model_version: str
) -> Versions:
    """Return what the features and segments of a date are a function of.

    Args:
        connection: A warehouse connection.
        settings: The rule: fewest active steps, smallest segment.
        as_of: Business date.
        periods: What the periods of the date were made from.
        model_version: The model that is applied; its reference version goes with it.
    """
    trained = "SELECT reference_hash FROM models.versions WHERE model_version = $1"
    reference = connection.execute(trained, [model_version]).fetchone() or ("",)
    known = connection.execute(query("ops/select_known_version"), {"as_of": as_of}).fetchone() or ("",)
    return {
        **periods,
        "customers": str(known[0]),
        "model": model_version,
        "reference": str(reference[0]),
        "rule": f"{settings.min_active_steps} steps, {settings.min_segment_size} customers",
        "code": code_version(*DATE),
    }


def recorded(connection: duckdb.DuckDBPyConnection, as_of: date, stage: str) -> Versions:
    """Return what a stage wrote a date from; empty when it never did."""
    text = "SELECT made_from FROM ops.provenance WHERE as_of = $1 AND stage = $2"
    row = connection.execute(text, [as_of, stage]).fetchone()
    return dict(json.loads(row[0])) if row else {}


def is_current(connection: duckdb.DuckDBPyConnection, as_of: date, stage: str, versions: Versions) -> bool:
    """Tell whether a stage wrote the tables of a date from these very versions.

    Args:
        connection: A warehouse connection.
        as_of: Business date.
        stage: As it was recorded.
        versions: What the tables would be written from now, by name.
    """
    return recorded(connection, as_of, stage) == versions


def record(connection: duckdb.DuckDBPyConnection, as_of: date, stage: str, versions: Versions, run_id: str) -> None:
    """Note what a stage wrote a date from, inside the transaction that writes its tables.

    Args:
        connection: Inside that transaction.
        as_of: Business date.
        stage: Takes the place of its earlier note.
        versions: By name.
        run_id: Recorded as the writer.
    """
    forget(connection, as_of, stage)
    line = {"as_of": as_of, "stage": stage, "made_from": json.dumps(dict(versions), sort_keys=True), "run_id": run_id}
    connection.execute(query("ops/insert_provenance"), line)


def forget(connection: duckdb.DuckDBPyConnection, as_of: date, stage: str) -> None:
    """Forget what a stage wrote a date from, inside a transaction."""
    connection.execute("DELETE FROM ops.provenance WHERE as_of = $1 AND stage = $2", [as_of, stage])


def moved(before: Versions, now: Versions) -> str:
    """Return in words what has changed since a date was made; empty when nothing has.

    >>> moved({"2025-01": "a", "2025-02": "b", "model": "m"}, {"2025-01": "x", "2025-02": "y", "model": "m"})
    'spending of 2025-01 and 1 more month'
    >>> moved({"model": "m", "rule": "3"}, {"model": "n", "rule": "3"})
    'model'
    """
    names = sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
    months = [name for name in names if _MONTH.fullmatch(name)]
    others = [name for name in names if name not in months]
    if len(months) > 1:
        more = len(months) - 1
        return ", ".join([f"spending of {months[0]} and {more} more month{'s' * (more > 1)}", *others])
    return ", ".join([f"spending of {month}" for month in months] + others)


def fingerprint(*parts: str) -> str:
    """Return 16 hexadecimal digits of some texts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
