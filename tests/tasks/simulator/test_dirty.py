"""The salt: beside the good rows, of every kind, counted exactly."""

import csv
import json
from collections import Counter

import pytest

from tasks.simulator.dirty import KINDS, REPEATS
from tasks.simulator.simulate import SimulationSummary, simulate
from tests.tasks.simulator.simulated import CUSTOMERS, rows_of


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> SimulationSummary:
    return simulate(CUSTOMERS, 1, 7, tmp_path_factory.mktemp("clean") / "bank")


@pytest.fixture(scope="module")
def salted(tmp_path_factory: pytest.TempPathFactory) -> SimulationSummary:
    return simulate(CUSTOMERS, 1, 7, tmp_path_factory.mktemp("salted") / "bank", dirty=True)


def text_rows(summary: SimulationSummary) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for path in sorted(summary.out.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows += [tuple(row) for row in list(csv.reader(file))[1:]]
    return rows


def kind_of(row: tuple[str, ...], good: dict[str, tuple[str, ...]], last: str) -> str:
    """Recognise a kind of bad row by its text alone, as a reader of the file would."""
    key, customer, booked, amount, currency, code = row
    by_value = (
        (key, {"": "missing_transaction_id", "   ": "blank_transaction_id"}),
        (customer, {"": "missing_customer_id", "   ": "blank_customer_id"}),
        (booked, {"": "missing_date", "31st of June": "unparsable_date", "2023-02-29 10:00:00": "impossible_date"}),
        (booked, {"0001-01-01 00:00:00": "date_0001", "9999-12-31 00:00:00": "date_9999"}),
        (amount, {"": "missing_amount", "twelve": "unparsable_amount", "0.00": "zero_amount"}),
        (amount, {"1e300": "amount_1e300", "NaN": "amount_nan", "-inf": "amount_inf"}),
        (currency, {"USD": "wrong_currency"}),
        (code, {"NOSUCH": "unknown_code"}),
    )
    for value, kinds in by_value:
        if value in kinds:
            return kinds[value]
    if booked > last:
        return "future_date"
    return "duplicate_same" if good[key] == row else "duplicate_other"


def test_salt_is_beside_the_good_rows_and_counted_by_kind(clean: SimulationSummary, salted: SimulationSummary) -> None:
    counts = json.loads((salted.out / "truth" / "dirty.json").read_text(encoding="utf-8"))
    good = [tuple(str(value) for value in row.values()) for row in rows_of(clean).to_pylist()]
    rows = text_rows(salted)
    extra = Counter(rows) - Counter(good)
    assert not Counter(good) - Counter(rows)
    assert extra.total() == counts["bad_rows"] == salted.dirty_rows == len(rows) - len(good)
    assert counts["good_rows"] == len(good)
    assert sum(counts["kinds"].values()) == counts["bad_rows"]
    assert min(counts["kinds"].values()) >= 1
    assert max(counts["kinds"].values()) - min(counts["kinds"].values()) <= 1
    assert 0.004 < counts["bad_rows"] / len(good) < 0.006


def test_each_kind_is_as_often_as_it_is_counted(clean: SimulationSummary, salted: SimulationSummary) -> None:
    counts = json.loads((salted.out / "truth" / "dirty.json").read_text(encoding="utf-8"))["kinds"]
    good = {
        str(row["transaction_id"]): tuple(str(value) for value in row.values()) for row in rows_of(clean).to_pylist()
    }
    extra = Counter(text_rows(salted)) - Counter(good.values())
    found = Counter(kind_of(row, good, "2026") for row in extra.elements())
    assert dict(found) == counts
    assert set(found) == set(KINDS)


def test_a_repeat_comes_after_the_row_it_repeats(clean: SimulationSummary, salted: SimulationSummary) -> None:
    good = {
        str(row["transaction_id"]): tuple(str(value) for value in row.values()) for row in rows_of(clean).to_pylist()
    }
    seen: set[str] = set()
    repeats = 0
    for row in text_rows(salted):
        if row[0] in seen and row[0].strip():
            repeats += 1
        if row[0] not in seen and row[0] in good:
            assert row == good[row[0]]
        seen.add(row[0])
    counts = json.loads((salted.out / "truth" / "dirty.json").read_text(encoding="utf-8"))["kinds"]
    assert repeats == sum(counts[kind] for kind in REPEATS)
