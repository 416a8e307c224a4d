"""The shipped bank: its coverage of the code lists and of the taxonomy, and what its coefficients must hold."""

import csv

import iso18245
import numpy as np
import pytest

from warehouse.reference.checks import COUNTED
from warehouse.reference.sets import SHIPPED, TRAITS, ReferenceSet, load_reference

# As attested by the press and by Gladstone, Matz & Lemaire (2019): trait, classes, what is said of them.
# "highest" and "lowest": these classes, and no others, occupy that end.
ATTESTED = (
    ("openness", "entertainment hair_and_beauty", "highest"),
    ("openness", "traffic_fines mortgages", "lowest"),
    ("conscientiousness", "home_insurance health fitness", "highest"),
    ("conscientiousness", "gambling toys_and_hobbies", "lowest"),
    ("extraversion", "entertainment travel", "highest"),
    ("extraversion", "home_insurance accountants", "lowest"),
    ("agreeableness", "charities pet_supplies veterinary", "highest"),
    ("agreeableness", "traffic_fines gambling", "lowest"),
    ("neuroticism", "traffic_fines gambling", "highest"),
    ("neuroticism", "stationery hotels", "lowest"),
    ("extraversion", "pubs_and_bars restaurants", "positive"),
    ("conscientiousness", "pubs_and_bars", "negative"),
    ("openness", "flights", "positive"),
    ("agreeableness", "charities", "positive"),
    ("conscientiousness", "savings", "positive"),
    ("neuroticism", "mortgages", "negative"),
)
# Codes that a reviewer can tell by heart; the rest is in the file.
ANCHORS = {
    "9222": "traffic_fines", "7995": "gambling", "8398": "charities", "5995": "pet_supplies", "0742": "veterinary",
    "5945": "toys_and_hobbies", "5943": "stationery", "7011": "hotels", "3501": "hotels", "3999": "hotels",
    "8931": "accountants", "7230": "hair_and_beauty", "7997": "fitness", "7832": "film_and_television",
    "4722": "travel", "4511": "flights", "3000": "flights", "3350": "flights", "3351": "car_rental",
    "3500": "car_rental", "5813": "pubs_and_bars", "5411": "groceries", "MORTGAGE": "mortgages", "RENT": "rent",
}  # fmt: skip


@pytest.fixture(scope="module")
def bank() -> ReferenceSet:
    return load_reference("bank")


def test_shape(bank: ReferenceSet) -> None:
    assert len(bank.classes) == 97
    assert (bank.name, bank.primary_window) == ("bank", "annual")
    assert (bank.source.money_out, bank.source.currency, bank.source.code_system) == ("negative", "EUR", "mcc+bank")
    assert {
        each.code for each in bank.classes if not each.code.isidentifier() or each.code.lower() != each.code
    } == set()


def test_every_merchant_category_is_mapped_to_a_class(bank: ReferenceSet) -> None:
    mapped = {code.source_code for code in bank.codes if code.kind == "spend"}
    listed = {each.mcc for each in iso18245.get_all_mccs()}
    assert len(listed) > 900
    assert listed - mapped == set()
    assert {f"{number}" for number in range(3000, 4000)} - mapped == set()


def test_every_class_can_be_reached(bank: ReferenceSet) -> None:
    assert {code.class_id for code in bank.codes if code.kind in COUNTED} == set(range(97))


def test_codes_stand_for_what_they_are_known_for(bank: ReferenceSet) -> None:
    names = {code.source_code: bank.classes[code.class_id].code for code in bank.codes if code.class_id is not None}
    assert {code: names[code] for code in ANCHORS} == ANCHORS


def test_income_and_own_transfers_are_told_apart(bank: ReferenceSet) -> None:
    kinds = {code.source_code: code.kind for code in bank.codes}
    assert (kinds["SALARY"], kinds["OWNACC"], kinds["FEEACC"]) == ("income", "transfer", "fee")


def test_coefficients_are_61_by_5_and_span_five_directions(bank: ReferenceSet) -> None:
    carrying = bank.coefficients[bank.coefficients.any(axis=1)]
    assert carrying.shape == (61, 5)
    assert (carrying != 0).all()
    assert np.linalg.matrix_rank(carrying) == 5
    assert np.linalg.cond(carrying) < 4
    assert np.abs(np.corrcoef(carrying.T) - np.eye(5)).max() < 0.6
    assert set(bank.coefficient_sources) == {"attested", "authored", "none"}


@pytest.mark.parametrize(("trait", "names", "claim"), ATTESTED)
def test_what_is_attested_holds(bank: ReferenceSet, trait: str, names: str, claim: str) -> None:
    column = bank.coefficients[:, TRAITS.index(trait)]
    chosen = np.array([each.code in names.split() for each in bank.classes])
    assert chosen.sum() == len(names.split())
    assert {
        "highest": column[chosen].min() > column[~chosen].max(),
        "lowest": column[chosen].max() < column[~chosen].min(),
        "positive": column[chosen].min() > 0,
        "negative": column[chosen].max() < 0,
    }[claim]
    sources = np.array(bank.coefficient_sources)[chosen]
    assert set(sources) == {"attested"}


def test_an_aggregated_category_shares_its_value(bank: ReferenceSet) -> None:
    values = {each.code: bank.coefficients[each.class_id] for each in bank.classes}
    conscientiousness, agreeableness = TRAITS.index("conscientiousness"), TRAITS.index("agreeableness")
    assert values["health"][conscientiousness] == values["fitness"][conscientiousness]
    assert values["pet_supplies"][agreeableness] == values["veterinary"][agreeableness]


def test_the_loader_holds_the_same_claims() -> None:
    text = (SHIPPED / "bank" / "constraints.csv").read_text(encoding="utf-8")
    held = {(row["trait"], code) for row in csv.DictReader(text.splitlines()) for code in row["class_codes"].split()}
    assert held == {(trait, code) for trait, names, _ in ATTESTED for code in names.split()}


def test_the_stand_in_says_that_it_is_one() -> None:
    header = (SHIPPED / "bank" / "coefficients.csv").read_text(encoding="utf-8").splitlines()[0]
    assert "stand-in" in header
    assert "NOT the table of Matz" in header
