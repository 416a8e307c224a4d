"""spend.by_period against a plain reading of its definition, for any business date."""

from calendar import monthrange
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.tasks.builders import TODAY as LAST
from tests.tasks.builders import Bank, copy_bank, row, write_csv

pytestmark = pytest.mark.warehouse
FIRST = date(2017, 11, 1)
CLASSES = {"FOOD": 0, "TRIP": 1, "0742": 2, "FEE": 3}
Booking = tuple[str, date, str, Decimal]


def bookings() -> list[Booking]:
    """Every third row is a refund, so that classes fall below zero; many fall on the first or last days of months."""
    random = Random(7)  # noqa: S311 - test data
    made = []
    for number in range(1500):
        day = FIRST + timedelta(days=random.randrange((LAST - FIRST).days + 1))
        edge = monthrange(day.year, day.month)[1]
        day = day.replace(day=random.choice([1, day.day, edge]))
        cents = random.randint(1, 9999) * (-1 if number % 3 == 0 else 1)
        code = random.choice([*CLASSES, "PAY", "OWN", "NEW"])
        made.append((random.choice("abc"), min(day, LAST), code, Decimal(cents) / 100))
    return made


@pytest.fixture(scope="module")
def filled(template: Bank, tmp_path_factory: pytest.TempPathFactory) -> Bank:
    folder = tmp_path_factory.mktemp("periods")
    bank = copy_bank(template, folder / "home")
    rows = [
        row(n, customer_id=customer, booked_at=day, source_code=code, amount=amount)
        for n, (customer, day, code, amount) in enumerate(bookings())
    ]
    bank.ingest(write_csv(folder / "a.csv", rows))
    return bank


def month_start(day: date, months_back: int) -> date:
    index = day.year * 12 + day.month - 1 - months_back
    return date(index // 12, index % 12 + 1, 1)


def expected(as_of: date) -> set[tuple[object, ...]]:
    rows: set[tuple[object, ...]] = set()
    for window, months in (("annual", 12), ("bimonthly", 2)):
        for step in range(1, 7):
            start = month_start(as_of, (7 - step) * months - 1)
            end = as_of + timedelta(days=1) if step == 6 else month_start(as_of, (6 - step) * months - 1)
            sums: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
            for customer, day, code, amount in bookings():
                if start <= day < end and code in CLASSES:
                    sums[customer, CLASSES[code]] += amount
            positive = {key: amount for key, amount in sums.items() if amount > 0}
            for (customer, class_id), amount in positive.items():
                total = sum(a for (c, _), a in positive.items() if c == customer)
                share = round(float(amount) / float(total), 12)
                rows.add((as_of, window, customer, step, start, end, class_id, amount, share))
    return rows


@settings(max_examples=4, deadline=None)
@given(as_of=st.dates(date(2023, 1, 1), LAST))
@example(as_of=date(2024, 2, 29))
@example(as_of=date(2024, 1, 31))
@example(as_of=date(2023, 2, 28))
@example(as_of=LAST)
def test_every_step_of_both_windows(filled: Bank, as_of: date) -> None:
    filled.aggregate(as_of)
    written = [each for each in filled.periods() if each[0] == as_of]
    assert {(*each[:-1], round(each[-1], 12)) for each in written} == expected(as_of)
    assert len(written) == len(expected(as_of))
    totals: dict[tuple[object, ...], float] = defaultdict(float)
    for each in written:
        totals[each[1], each[2], each[3]] += each[-1]
        assert 0 < each[-1] <= 1
    assert all(abs(total - 1) < 1e-12 for total in totals.values())
