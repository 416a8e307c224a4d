"""A reference set goes into the warehouse once; a changed mapping reclassifies the rows that are there."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from warehouse.connection import connect, in_transaction
from warehouse.errors import MicrosegError
from warehouse.reference.sets import TRAITS, ReferenceSet, SourceCode, load_reference
from warehouse.reference.tables import Applied, apply_reference
from warehouse.settings import Settings

pytestmark = pytest.mark.warehouse
BANK = load_reference("bank")
# Code, kind as ingest wrote it, amount and day: each row lies in a month of its own.
ROWS = (
    ("5411", "spend", "50.00", date(2024, 1, 5)),
    ("5411", "refund", "-10.00", date(2024, 2, 29)),
    ("5812", "spend", "8.00", date(2024, 3, 1)),
    ("NEW", "unclassified", "20.00", date(2024, 4, 30)),
    ("STRANGE", "unclassified", "1.00", date(2024, 5, 1)),
)


def apply(settings: Settings, reference: ReferenceSet, retraining: bool = False) -> Applied:
    with connect(settings) as connection:
        return in_transaction(connection, lambda: apply_reference(connection, reference, retraining))


def ask(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    with connect(settings, read_only=True) as connection:
        return connection.execute(sql).fetchall()


def snapshot(settings: Settings) -> int:
    return int(ask(settings, "SELECT max(snapshot_id) FROM ducklake_snapshots('lake')")[0][0])


def class_of(code: str) -> int:
    [found] = [each.class_id for each in BANK.codes if each.source_code == code]
    assert found is not None
    return found


def insert_rows(connection: duckdb.DuckDBPyConnection) -> None:
    for number, (code, kind, amount, day) in enumerate(ROWS, start=1):
        class_id = None if kind == "unclassified" else class_of(code)
        row = [f"t{number}", 1, day, Decimal(amount), "EUR", code, kind, class_id, "load", number]
        connection.execute(f"INSERT INTO raw.transactions VALUES ({', '.join('?' * len(row))})", row)
    connection.execute(
        "INSERT INTO raw.duplicates BY NAME "
        "SELECT * REPLACE ('again' AS load_id), false AS conflict FROM raw.transactions WHERE source_code = 'NEW'"
    )
    connection.execute(
        "INSERT INTO raw.loads (load_id, source, rows_read, rows_accepted, rows_unclassified, status) "
        "VALUES ('load', 'a file', 5, 5, 2, 'published')"
    )


@pytest.fixture
def filled(lake: Settings) -> Settings:
    """A warehouse with the shipped bank and five rows."""
    apply(lake, BANK)
    with connect(lake) as connection:
        in_transaction(connection, lambda: insert_rows(connection))
    return lake


def remapped(*codes: SourceCode) -> ReferenceSet:
    """The shipped bank with some codes replaced or added, as a newer version."""
    kept = tuple(each for each in BANK.codes if each.source_code not in {code.source_code for code in codes})
    return replace(BANK, codes=kept + codes)


def test_whole_set_arrives(lake: Settings) -> None:
    assert apply(lake, BANK) == "applied"
    assert ask(lake, "SELECT reference, reference_version, primary_window FROM ref.sets") == [
        (BANK.name, BANK.version, BANK.primary_window)
    ]
    assert ask(lake, "FROM ref.classes ORDER BY class_id") == [
        (each.class_id, each.code, each.label, each.group) for each in BANK.classes
    ]
    held = ask(lake, "SELECT source_code, class_id, kind, label FROM ref.source_codes")
    assert sorted(held) == sorted((each.source_code, each.class_id, each.kind, each.label) for each in BANK.codes)
    coefficients = {(row[0], row[1]): row[2] for row in ask(lake, "FROM ref.coefficients")}
    assert coefficients == {
        (class_id, trait): BANK.coefficients[class_id, column]
        for class_id in range(len(BANK.classes))
        for column, trait in enumerate(TRAITS)
    }


def test_set_may_begin_with_no_codes(filled: Settings) -> None:
    apply(filled, replace(BANK, codes=()))
    assert ask(filled, "SELECT DISTINCT kind, class_id FROM raw.transactions") == [("unclassified", None)]


def test_same_version_again_writes_nothing(filled: Settings) -> None:
    before = snapshot(filled)
    assert apply(filled, load_reference("bank")) == "unchanged"
    assert snapshot(filled) == before


def test_other_set_is_refused_and_changes_nothing(filled: Settings) -> None:
    before = snapshot(filled)
    with pytest.raises(MicrosegError) as caught:
        apply(filled, load_reference("complete_journey"))
    assert str(caught.value) == (
        "this warehouse holds the reference set 'bank': point MICROSEG_HOME at another folder for 'complete_journey'"
    )
    assert snapshot(filled) == before


def test_changed_mapping_reclassifies_and_marks_the_months(filled: Settings) -> None:
    pets = 1 + max(class_of("5411"), class_of("5812"))
    newer = remapped(
        SourceCode("5411", pets, "spend", "moved to another class"),
        SourceCode("5812", None, "transfer", "no spending any more"),
        SourceCode("NEW", 0, "fee", "unknown until now"),
    )
    assert apply(filled, newer) == "applied"
    assert ask(filled, "SELECT source_code, kind, class_id FROM raw.transactions ORDER BY row_number") == [
        ("5411", "spend", pets),
        ("5411", "refund", pets),
        ("5812", "transfer", None),
        ("NEW", "fee", 0),
        ("STRANGE", "unclassified", None),
    ]
    assert ask(filled, "SELECT source_code, kind, class_id, conflict FROM raw.duplicates") == [("NEW", "fee", 0, False)]
    assert ask(filled, "SELECT DISTINCT month FROM raw.stale_months ORDER BY month") == [
        (date(2024, month, 1),) for month in (1, 2, 3, 4)
    ]
    assert ask(filled, "SELECT rows_unclassified FROM raw.loads") == [(1,)]
    assert ask(filled, "SELECT reference_version FROM ref.sets") == [(newer.version,)]
    assert ask(filled, "SELECT count(*), sum(amount) FROM raw.transactions") == [(5, Decimal("69.00"))]


def test_code_that_is_dropped_leaves_its_rows_unclassified(filled: Settings) -> None:
    fewer = replace(BANK, codes=tuple(c for c in BANK.codes if c.source_code != "5411"))
    apply(filled, fewer)
    assert ask(filled, "SELECT DISTINCT kind, class_id FROM raw.transactions WHERE source_code = '5411'") == [
        ("unclassified", None)
    ]
    assert ask(filled, "SELECT rows_unclassified FROM raw.loads") == [(4,)]


def test_new_coefficients_leave_the_rows_alone(filled: Settings) -> None:
    assert apply(filled, replace(BANK, coefficients=BANK.coefficients / 2)) == "applied"
    assert ask(filled, "SELECT count(*) FROM raw.stale_months") == [(0,)]
    held = ask(filled, "SELECT max(coefficient) FROM ref.coefficients")
    assert held == [(BANK.coefficients.max() / 2,)]


def test_failure_on_the_way_leaves_the_old_version(filled: Settings) -> None:
    with connect(filled) as connection:

        def work() -> None:
            apply_reference(connection, remapped(SourceCode("5411", 0, "spend", "moved")))
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            in_transaction(connection, work)
    assert apply(filled, BANK) == "unchanged"
    assert ask(filled, "SELECT DISTINCT class_id FROM raw.transactions WHERE source_code = '5411'") == [
        (class_of("5411"),)
    ]
