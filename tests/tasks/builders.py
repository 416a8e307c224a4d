"""A small bank for tests: a reference set of four classes, files in its contract, and a warehouse of its own."""

import os
import shutil
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from pathlib import Path
from time import time
from typing import Any

import duckdb

from tasks.intake.ingest import Ingested, LoadContext, ingest_sources
from tasks.spending.aggregate import refresh_monthly
from tasks.spending.periods import refresh_by_period
from warehouse.connection import connect, in_transaction
from warehouse.migrations import migrate
from warehouse.reference.sets import ReferenceSet, load_reference
from warehouse.reference.tables import apply_reference
from warehouse.settings import Settings

TODAY = date(2024, 6, 30)
_SECONDS = count()
COLUMNS = ("transaction_id", "customer_id", "booked_at", "amount", "currency", "source_code")
HEADER = ",".join(COLUMNS)
SOURCE = """
name = "{name}"
title = "Test bank"
primary_window = "annual"
[columns]
transaction_id = "transaction_id"
customer_id = "customer_id"
booked_at = "booked_at"
amount = "amount"
currency = "{currency_column}"
source_code = "source_code"
[amount]
money_out = "{money_out}"
decimal = "{decimal}"
maximum = {maximum}
[date]
formats = {formats}
earliest = 2015-01-01
[currency]
expected = "EUR"
[codes]
system = "{system}"
[csv]
delimiter = "{delimiter}"
encoding = "{encoding}"
"""
DEFAULTS: dict[str, object] = {
    "name": "tiny",
    "currency_column": "currency",
    "money_out": "positive",
    "decimal": ".",
    "maximum": 100000,
    "formats": [],
    "system": "category",
    "delimiter": ",",
    "encoding": "utf-8",
}
CLASSES = "class_id,code,label,group\n0,food,Food,Home\n1,travel,Travel,Leisure\n2,vets,Vets,Home\n3,fees,Fees,Bank\n"
CODES = {
    "FOOD": ("food", "spend"),
    "TRIP": ("travel", "spend"),
    "0742": ("vets", "spend"),
    "FEE": ("fees", "fee"),
    "PAY": ("", "income"),
    "OWN": ("", "transfer"),
    "MISC": ("", "other"),
}
COEFFICIENTS = "class_code,openness,conscientiousness,extraversion,agreeableness,neuroticism,source\n" + "".join(
    f"{code},{0.5 * number},-0.5,1,0,0.25,test\n" for number, code in enumerate(("food", "travel", "vets", "fees"))
)


def write_reference(folder: Path, codes: dict[str, tuple[str, str]] | None = None, **source: object) -> ReferenceSet:
    """Write a reference set into a folder and load it with the loader of the product."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = "".join(f"{code},{code},{c},{kind},{code}\n" for code, (c, kind) in (codes or CODES).items())
    (folder / "source.toml").write_text(SOURCE.format(**{**DEFAULTS, **source}), encoding="utf-8")
    (folder / "classes.csv").write_text(CLASSES, encoding="utf-8")
    (folder / "source_codes.csv").write_text("first_code,last_code,class_code,kind,label\n" + lines, encoding="utf-8")
    (folder / "coefficients.csv").write_text(COEFFICIENTS, encoding="utf-8")
    return load_reference(folder)


def row(number: int | str, **changed: object) -> dict[str, object]:
    """Return one faultless source row; its fields can be changed by name."""
    faultless: dict[str, object] = {
        "transaction_id": f"t{number}",
        "customer_id": "anna",
        "booked_at": "2024-03-05",
        "amount": "10.00",
        "currency": "EUR",
        "source_code": "FOOD",
    }
    return faultless | changed


def csv_text(rows: Iterable[dict[str, object]], delimiter: str = ",") -> str:
    """Return rows as CSV with a header, every field as it is."""
    lines = [delimiter.join(str(value) for value in each.values()) for each in rows]
    return "\n".join([delimiter.join(COLUMNS), *lines]) + "\n"


def write_csv(path: Path, rows: Iterable[dict[str, object]], delimiter: str = ",", encoding: str = "utf-8") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(csv_text(rows, delimiter).encode(encoding))
    written = time() - 3600 + next(_SECONDS)  # a file of a moment ago is not yet remembered by its looks
    os.utime(path, (written, written))
    return path


def write_parquet(path: Path, select: str) -> Path:
    """Write the result of a SELECT as Parquet."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")
    return path


@dataclass(frozen=True)
class Bank:
    """A warehouse with a reference set, and the steps of a night as a test needs them."""

    settings: Settings
    reference: ReferenceSet
    today: date = TODAY

    def context(self, sql: str = "") -> LoadContext:
        return LoadContext(self.settings, self.reference, "run", self.today, sql)

    def ingest(self, *patterns: Path | str, sql: str = "") -> Ingested:
        return ingest_sources(self.context(sql), [str(pattern) for pattern in patterns])

    def aggregate(self, as_of: date = TODAY) -> None:
        refresh_monthly(self.settings)
        refresh_by_period(self.settings, as_of, "run")

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with connect(self.settings, read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def execute(self, sql: str) -> None:
        with connect(self.settings) as connection:
            connection.execute(sql)

    def rejected(self) -> list[tuple[int, str, str | None]]:
        return self.query("SELECT row_number, reason, column_name FROM raw.rejected ORDER BY ALL")

    def transactions(self) -> list[tuple[Any, ...]]:
        """Return all that the accepted rows say, whatever the files and the order they came in."""
        return self.query(
            "SELECT transaction_id, customer_id, booked_on, amount, currency, source_code, kind, class_id "
            "FROM raw.transactions JOIN raw.customers USING (customer_key) ORDER BY ALL"
        )

    def monthly(self) -> list[tuple[Any, ...]]:
        return self.query(
            "SELECT customer_id, month, class_id, amount, transactions "
            "FROM spend.monthly JOIN raw.customers USING (customer_key) ORDER BY ALL"
        )

    def periods(self) -> list[tuple[Any, ...]]:
        return self.query(
            "SELECT as_of, window_name, customer_id, step, period_start, period_end, class_id, amount, share "
            "FROM spend.by_period JOIN raw.customers USING (customer_key) ORDER BY ALL"
        )

    def under(self, reference: ReferenceSet) -> "Bank":
        """Return the same warehouse under another version of the reference set."""
        with connect(self.settings) as connection:
            in_transaction(connection, lambda: apply_reference(connection, reference))
        return replace(self, reference=reference)

    def snapshots(self) -> int:
        return int(self.query("SELECT count(*) FROM lake.snapshots()")[0][0])


def new_bank(
    home: Path, reference: ReferenceSet, threads: int = 1, migrated: Path | None = None, **settings: Any
) -> Bank:
    """Make an empty warehouse, of a copy of one that is `migrated` where its catalog and data lie in the home.

    For a handful of rows a second thread costs more than it gives.
    """
    settings = {"max_reject_rate": 1.0} | settings  # the gate is the matter of its own tests
    bank = Bank(Settings(home=home, threads=threads, **settings), reference)
    if migrated is not None:
        shutil.copytree(migrated, home)
    with connect(bank.settings) as connection:
        migrate(connection)  # nothing, where it is a copy
        in_transaction(connection, lambda: apply_reference(connection, reference))
    return bank


def copy_bank(template: Bank, home: Path) -> Bank:
    """Copy a whole warehouse: much faster than making one."""
    shutil.copytree(template.settings.home, home)
    with sqlite3.connect(home / "catalog.sqlite") as catalog:
        place = f"{home.resolve() / 'data'}/"
        catalog.execute("UPDATE ducklake_metadata SET value = ? WHERE key = 'data_path'", [place])
    catalog.close()
    return replace(template, settings=template.settings.model_copy(update={"home": home}))


def amounts(rows: Sequence[tuple[Any, ...]], column: int) -> list[str]:
    """Return one column as texts, for comparison with what a file says."""
    return [str(each[column]) for each in rows]
