"""What must hold for any rows in any files in any order."""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tasks.builders import Bank, copy_bank, row, write_csv
from warehouse.connection import connect

pytestmark = pytest.mark.warehouse
COUNTED = "kind IN ('spend', 'refund', 'fee', 'unclassified')"

# Few ids, customers and days: repeated and contested ids are the rule here, not the exception.
source_rows = st.builds(
    row,
    st.integers(0, 9),
    customer_id=st.sampled_from(["anna", "bert", "Åse", ""]),
    booked_at=st.sampled_from(["2024-02-29", "2024-01-31", "2024-03-01", "2023-02-29", "2024-06-30"]),
    amount=st.sampled_from(["10.00", "0.01", "-3.33", "999.99", "x", "0"]),
    source_code=st.sampled_from(["FOOD", "TRIP", "FEE", "PAY", "NEW", ""]),
)


@st.composite
def split_rows(draw: st.DrawFn) -> list[list[dict[str, object]]]:
    """Rows in files, some empty, in the order in which they are loaded."""
    rows = draw(st.lists(source_rows, min_size=1, max_size=16))
    files: list[list[dict[str, object]]] = [[] for _ in range(draw(st.integers(2, 4)))]
    for each in rows:
        draw(st.sampled_from(files)).append(each)
    return files


CONTENT = {
    "transactions": "SELECT transaction_id, customer_id, booked_on, amount, currency, source_code, kind, class_id "
    "FROM raw.transactions JOIN raw.customers USING (customer_key)",
    "customers": "SELECT customer_id, first_seen FROM raw.customers WHERE first_seen IS NOT NULL",
    "rejected": "SELECT reason, transaction_id, count(*) FROM raw.rejected GROUP BY ALL",
    "duplicates": "SELECT transaction_id, conflict, count(*) FROM raw.duplicates GROUP BY ALL",
    "monthly": "SELECT customer_id, month, class_id, amount, transactions "
    "FROM spend.monthly JOIN raw.customers USING (customer_key)",
    "periods": "SELECT * EXCLUDE (customer_key, suppressed, first_seen) "
    "FROM spend.by_period JOIN raw.customers USING (customer_key)",
}


def content(bank: Bank) -> dict[str, list[tuple[object, ...]]]:
    """Return all that a warehouse says, but not which file it comes from."""
    with connect(bank.settings, read_only=True) as connection:
        return {
            table: connection.execute(f"SELECT * FROM ({select}) ORDER BY ALL").fetchall()
            for table, select in CONTENT.items()
        }


@settings(max_examples=3, deadline=None)
@given(files=split_rows())
def test_any_split_in_any_order_with_nights_between_equals_one_file(
    template: Bank, files: list[list[dict[str, object]]]
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        whole = copy_bank(template, folder / "whole")
        whole.ingest(write_csv(folder / "all.csv", [each for file in files for each in file]))
        whole.aggregate()
        split = copy_bank(template, folder / "split")
        paths = [write_csv(folder / f"{number}.csv", rows) for number, rows in enumerate(files)]
        split.ingest(paths[0])
        split.aggregate()  # all that comes later comes late
        split.ingest(*paths[1:])
        split.aggregate()
        assert content(split) == content(whole)
        before = split.snapshots()
        assert split.ingest(*reversed(paths)).read == 0
        split.aggregate()
        assert split.snapshots() == before
        check_conservation(split)


def check_conservation(bank: Bank) -> None:
    [(raw, monthly)] = bank.query(
        f"SELECT (SELECT coalesce(sum(amount), 0) FROM raw.transactions WHERE {COUNTED}), "
        "(SELECT coalesce(sum(amount), 0) FROM spend.monthly)"
    )
    assert raw == monthly
    [(read, kept)] = bank.query(
        "SELECT sum(rows_read), sum(rows_accepted + rows_rejected + rows_duplicate) FROM raw.loads"
    )
    assert read == kept


@settings(max_examples=2, deadline=None)
@given(first=st.lists(source_rows, max_size=8), second=st.lists(source_rows, max_size=8), files=split_rows())
def test_a_replaced_file_leaves_what_its_last_version_alone_would_give(
    template: Bank,
    first: list[dict[str, object]],
    second: list[dict[str, object]],
    files: list[list[dict[str, object]]],
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        others = [write_csv(folder / f"{number}.csv", rows) for number, rows in enumerate(files)]
        changed = copy_bank(template, folder / "changed")
        changed.ingest(write_csv(folder / "a.csv", first), *others)
        changed.aggregate()
        changed.ingest(write_csv(folder / "a.csv", second))
        changed.aggregate()
        fresh = copy_bank(template, folder / "fresh")
        fresh.ingest(folder / "a.csv", *others)
        fresh.aggregate(date(2024, 6, 30))
        assert content(changed) == content(fresh)
